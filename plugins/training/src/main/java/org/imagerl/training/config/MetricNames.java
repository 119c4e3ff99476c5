package org.imagerl.training.config;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.scoring.reward.RewardEntry;

/** The metrics that a run will have, as far as its configuration says. */
public final class MetricNames {
    /** What every run has. */
    private static final Set<String> ALWAYS = Set.of(
            "reward_mean",
            "reward_std",
            "groups_with_signal",
            "samples_trained",
            "learning_rate",
            "grad_norm",
            "seconds_rollout",
            "seconds_epoch",
            "seconds_processor",
            "denoiser_evaluations",
            "memory_peak_gb");

    /** What every recipe of parts has beside these. */
    private static final Set<String> OF_RECIPES = Set.of(
            "ratio",
            "ratio_deviation_max",
            "log_ratio",
            "log_ratio_squared",
            "above_share",
            "below_share",
            "on_policy_deviation_max",
            "clip_fraction",
            "approx_kl");

    private MetricNames() {}

    /** Whether a run may have a metric: what parts note under names of their own is not known before. */
    public static boolean mayHave(RunConfig run, String metric) {
        if (known(run).contains(metric)) {
            return true;
        }
        if (metric.startsWith("evaluation_")) { // rewards add measures of their own under their names
            return run.evaluation() != null
                    && labels(run, true).anyMatch(label -> metric.startsWith("evaluation_" + label + "_"));
        }
        if (metric.startsWith("step_")) { // of the diagnosis of steps
            return run.run().diagnoseEvery() > 0;
        }
        return !metric.startsWith("reward_") && hasOthers(run);
    }

    /** Whether parts may note what is known to them alone: an objective, or a likelihood of a third party. */
    private static boolean hasOthers(RunConfig run) {
        BoundPart<?> likelihood = run.algorithm().likelihood();
        return likelihood == null || !likelihood.factory().getClass().getName().startsWith("org.imagerl.");
    }

    /** The metrics that a run will have for certain. */
    public static Set<String> known(RunConfig run) {
        Set<String> known = new TreeSet<>(ALWAYS);
        if (run.algorithm().likelihood() != null) {
            known.addAll(OF_RECIPES);
        }
        if (run.algorithm().penalty() != null) {
            known.add("penalty");
        }
        if (run.algorithm().proximal() != null) {
            known.add("proximal");
        }
        labels(run, false)
                .forEach(label -> known.addAll(List.of(
                        "reward_" + label + "_mean", "reward_" + label + "_failed", "seconds_reward_" + label)));
        if (run.evaluation() != null) {
            known.addAll(List.of("evaluation_reward_mean", "evaluation_reward_std", "evaluation_images"));
            labels(run, true).forEach(label -> known.add("evaluation_" + label + "_mean"));
        }
        return known;
    }

    /** @param watched whether with the rewards that only score held-out images */
    private static Stream<String> labels(RunConfig run, boolean watched) {
        return Stream.concat(run.rewards().stream(), watched ? run.evaluationRewards().stream() : Stream.empty())
                .map(RewardEntry::label);
    }
}
