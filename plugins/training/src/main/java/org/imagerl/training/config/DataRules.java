package org.imagerl.training.config;

import org.imagerl.spi.Objective;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.data.DataSource;

/** The rules for runs that train on images on disk in the place of rollouts. */
final class DataRules {
    private final RunConfig config;
    private final RunParts parts;
    private final RuleReport report;

    private DataRules(RunConfig config, RunParts parts, RuleReport report) {
        this.config = config;
        this.parts = parts;
        this.report = report;
    }

    /** Reports what does not hold. */
    static void check(RunConfig config, RunParts parts, RuleReport report) {
        DataRules rules = new DataRules(config, parts, report);
        if (config.data() == null) {
            rules.prompts();
        } else {
            rules.inPlaceOfRollouts();
            DataSource data = parts.data();
            if (data != null) {
                rules.evaluation(data);
                rules.examples(data);
            }
        }
    }

    private void prompts() {
        if (config.prompts() == null) {
            report.problem(
                    "prompts",
                    "is missing: the file of prompts that rollouts are made for (prompts: prompts.txt); or name images"
                            + " on disk to train on in their place (data: {type: pairs, file: pairs.csv})");
        }
        RunConfig.Evaluation evaluation = config.evaluation();
        if (evaluation != null && evaluation.prompts() == null) {
            report.problem("evaluation.prompts", "is missing: the file of the held-out prompts");
        }
    }

    private void inPlaceOfRollouts() {
        if (config.prompts() != null) {
            report.problem(
                    "prompts",
                    "does not go with data, which has the prompts of its images; leave one of them out (held-out"
                            + " prompts are evaluation.prompts)");
        }
        if (config.augmentation() != null) {
            report.problem("augmentation", "does not go with data: its images are of no class; leave one of them out");
        }
        if (config.rollout().strength() != null) {
            report.problem(
                    "rollout.strength",
                    "begins rollouts with images, and data takes the place of rollouts; leave it out");
        }
        Objective objective = parts.objectiveIfMade();
        if (objective != null
                && (objective.needs().density()
                        || objective.needs().onPolicy()
                        || objective.needs().path())) {
            report.problem(
                    "data",
                    "are images alone, and the algorithm asks how the steps of a rollout went; take one that trains on"
                            + " finished images (diffusion-dpo, awm, diffusion-nft), or leave data out");
        }
    }

    private void evaluation(DataSource data) {
        RunConfig.Evaluation evaluation = config.evaluation();
        if (evaluation != null && evaluation.prompts() == null && data.heldOut().isEmpty()) {
            report.problem(
                    "evaluation.prompts",
                    "is missing, and data holds out no prompts; name a file of prompts, or let data hold some out"
                            + " (data.held_out: 0.02)");
        }
    }

    private void examples(DataSource data) {
        int asked = config.rollout().promptsPerEpoch();
        if (asked > data.size()) {
            report.problem(
                    "rollout.prompts_per_epoch",
                    "is more than the examples that there are to train on, " + data.size() + "; lower it",
                    asked);
        }
        Objective objective = parts.objectiveIfMade();
        if (objective != null && objective.unit() == TrainingUnit.PAIR && data.images() != 2) {
            report.problem(
                    "data",
                    "has examples of " + data.images() + " images, and the objective trains on pairs; take data of type"
                            + " pairs, or another algorithm");
        }
    }
}
