package org.imagerl.training.study;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.imagerl.config.Origin;
import org.imagerl.config.Problems;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.scoring.reward.RewardEntry;
import org.imagerl.spi.io.Nearest;
import org.imagerl.training.config.RunConfig;

/** Which metrics a study's curves, tables and choices ask for, and whether any of its runs will have them. */
final class StudyMetrics {
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

    private StudyMetrics() {}

    /**
     * Refuses metrics that no run will have, before the first is trained.
     *
     * @param source of the study, for messages
     * @param runs a configuration of every arm
     * @throws org.imagerl.spi.UserException with all such metrics
     */
    static void check(StudyConfig study, String source, Collection<RunConfig> runs) {
        Problems problems = new Problems();
        wanted(study).forEach((where, metric) -> {
            if (runs.stream().noneMatch(run -> mayHave(run, metric))) {
                TreeSet<String> known = new TreeSet<>();
                runs.forEach(run -> known.addAll(known(run)));
                problems.add(
                        Origin.of(source),
                        where,
                        "no run of this study has this metric" + Nearest.hint(metric, known) + " (their metrics: "
                                + String.join(", ", known) + ")",
                        metric);
            }
        });
        problems.throwIfAny();
    }

    /** The metrics that are asked for, by the key that asks. */
    private static Map<String, String> wanted(StudyConfig study) {
        Map<String, String> wanted = new LinkedHashMap<>();
        StudyConfig.Tune tune = study.tune();
        if (tune != null) {
            wanted.put("tune.by", tune.by());
        }
        for (int i = 0; i < study.curves().size(); i++) {
            StudyConfig.Curve curve = study.curves().get(i);
            wanted.put("curves[" + i + "].y", curve.y());
            if (!curve.x().equals(Series.EPOCH)) {
                wanted.put("curves[" + i + "].x", curve.x());
            }
        }
        for (int i = 0; i < study.tables().size(); i++) {
            List<String> metrics = study.tables().get(i).asksFor();
            for (int k = 0; k < metrics.size(); k++) {
                wanted.put("tables[" + i + "], metric " + (k + 1), metrics.get(k));
            }
        }
        return wanted;
    }

    private static boolean mayHave(RunConfig run, String metric) {
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

    private static Set<String> known(RunConfig run) {
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
