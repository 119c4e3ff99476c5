package org.imagerl.training.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.imagerl.config.Origin;
import org.imagerl.config.Problems;
import org.imagerl.scoring.reward.RewardEntry;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;

/** What must hold across keys for a run to make sense; each rule says why. */
public final class Rules {
    private Rules() {}

    /** Checks all rules that need no checkpoint and no prompts. */
    static void check(EffectiveConfig effective, RunParts parts, Problems problems) {
        RunConfig config = effective.config();
        RuleReport report = new RuleReport(effective, problems);
        tuning(config, report);
        rewardNames(config, report);
        bestBy(config, report);
        SizeRules.check(config, parts, report);
        RecipeRules.check(config, parts, report);
        SamplingRules.check(config, parts, report);
        NoiseRules.check(config, parts, report);
        ReuseRules.check(config, parts, report);
        DataRules.check(config, parts, report);
    }

    /**
     * Checks that every prompt can be scored by every reward, before any image is made.
     *
     * @throws UserException with all that cannot
     */
    public static void checkPrompts(List<Reward> rewards, List<Prompt> prompts) {
        Problems problems = new Problems();
        for (Prompt prompt : prompts) {
            for (Reward reward : rewards) {
                try {
                    reward.check(prompt);
                } catch (UserException e) {
                    Origin origin = Origin.of("prompt " + prompt.id());
                    problems.add(origin, "", String.valueOf(e.getMessage()), prompt.text());
                }
            }
        }
        problems.throwIfAny();
    }

    /**
     * Checks that an epoch has no prompt twice where prompts are compared within groups: its groups would mix.
     *
     * @param prompts how many there are to train on
     * @throws UserException if there are too few prompts
     */
    public static void checkGroups(RolloutConfig rollout, RunParts parts, int prompts) {
        boolean compared = parts.minimumGroup() > 1 || parts.objective().unit() != TrainingUnit.SAMPLE;
        if (compared && rollout.promptsPerEpoch() > prompts) {
            throw UserException.input(
                    "rollout.prompts_per_epoch: is " + rollout.promptsPerEpoch() + ", but there are only "
                            + prompts
                            + " prompts to train on: the groups of a prompt that an epoch has twice would mix. Use at"
                            + " most "
                            + prompts + ", and more samples_per_prompt for larger groups");
        }
    }

    private static void tuning(RunConfig config, RuleReport report) {
        if (config.tuning() instanceof TuningSpec.Lora lora && lora.rank() < 1) {
            report.problem("tuning.rank", "must be at least 1", lora.rank());
        }
    }

    private static void bestBy(RunConfig config, RuleReport report) {
        RunConfig.BestBy by = config.run().bestBy();
        if (by != null && !MetricNames.mayHave(config, by.metric())) {
            Set<String> known = MetricNames.known(config);
            report.problem(
                    "run.best_by",
                    "the run will not have this metric" + Nearest.hint(by.metric(), known) + " (its metrics: "
                            + String.join(", ", known) + ")",
                    by.metric());
        }
    }

    private static void rewardNames(RunConfig config, RuleReport report) {
        Set<String> names = new HashSet<>();
        Stream.of("rewards", "evaluation_rewards").forEach(key -> {
            List<RewardEntry> entries = key.equals("rewards") ? config.rewards() : config.evaluationRewards();
            for (int i = 0; i < entries.size(); i++) {
                String label = entries.get(i).label();
                if (!names.add(label)) {
                    report.problem(key + "[" + i + "]", "two rewards have the same name; set `name`", label);
                }
            }
        });
    }
}
