package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.imagerl.scoring.prompt.PromptFile;
import org.imagerl.scoring.reward.RewardEntry;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.training.config.PromptImageRules;
import org.imagerl.training.config.Rules;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.config.RunPrompts;

/**
 * What a run reads beside its checkpoint, and whether it fits together: prompts, rewards, images on disk.
 *
 * @param config the configuration
 * @param parts made from it
 * @param prompts of training and evaluation
 */
record RunInputs(RunConfig config, RunParts parts, TrainingPrompts prompts) {

    /**
     * Reads the prompts.
     *
     * @throws UserException if they cannot be read, or if hints are for none of them
     */
    static RunInputs read(RunConfig config, RunParts parts) {
        TrainingPrompts prompts = TrainingPrompts.read(config, parts);
        RunPrompts.checkHints(config, prompts.train());
        return new RunInputs(config, parts, prompts);
    }

    /** The rewards: held-out images are scored by what is trained on and by what is only watched. */
    static WeightedRewards rewards(RunConfig config, Context context) {
        return WeightedRewards.create(entries(config), context);
    }

    /** The rewards as they are configured, what is only watched with weight 0. */
    static List<RewardEntry> entries(RunConfig config) {
        List<RewardEntry> all = new ArrayList<>(config.rewards());
        for (RewardEntry watched : config.evaluationRewards()) {
            all.add(new RewardEntry(watched.reward(), watched.name(), 0, watched.rank(), watched.timeLimitS()));
        }
        return all;
    }

    /** Says what is probably not meant. */
    void warn(Consumer<String> warnings) {
        PromptFile.warnUnguided(prompts.train(), config.rollout().guidance(), warnings);
        DataSource data = parts.data();
        if (data == null) {
            return;
        }
        long trained = prompts.heldOut().stream()
                .filter(prompt -> data.examples(prompt.text()).length > 0)
                .count();
        if (trained > 0) {
            warnings.accept("warning: " + trained + " of " + prompts.heldOut().size()
                    + " held-out prompts are trained on, so that the evaluation is no measure of what was learnt; leave"
                    + " their rows out of data.file (data.split), or evaluate other prompts");
        }
    }

    /**
     * Checks that rewards, parts and prompts fit each other.
     *
     * @throws UserException if they do not, with the reason
     */
    void check(WeightedRewards rewards) {
        WeightedRewards trained = rewards.first(config.rewards().size());
        checkPrompts(rewards, trained);
        checkHints(trained);
        if (parts.data() == null) {
            parts.promptSampler().check(prompts.train(), config.rollout().promptsPerEpoch());
            checkRange(trained);
            Rules.checkGroups(config.rollout(), parts, prompts.train().size());
        }
    }

    private void checkPrompts(WeightedRewards rewards, WeightedRewards trained) {
        List<Reward> all =
                rewards.entries().stream().map(WeightedRewards.Entry::reward).toList();
        List<Prompt> everywhere = new ArrayList<>(prompts.train());
        everywhere.addAll(prompts.heldOut());
        boolean stored = config.data() != null; // no reward scores these
        Rules.checkPrompts(all, stored && config.evaluation() != null ? prompts.heldOut() : everywhere);
        PromptImageRules.checkImages(config);
        prompts.train().forEach(parts.objective()::check);
        for (int i = 0; i < prompts.train().size() && parts.objective().maximisesRewards() && !stored; i++) {
            trained.checkTrained(prompts.drawn(prompts.train().get(i), 0, i));
        }
    }

    /** A hint makes one image of a prompt. */
    private void checkHints(WeightedRewards trained) {
        for (WeightedRewards.Entry entry : trained.entries()) {
            if (config.rollout().hints() != null && entry.reward().spec().scope() == Reward.Scope.GROUPWISE) {
                throw UserException.input("rollout.hints: make single images, and the reward " + entry.name()
                        + " scores all images of a prompt together; leave one of them out");
            }
        }
    }

    /** Says to the advantage what rewards it can expect. */
    private void checkRange(WeightedRewards trained) {
        RewardCombination combination = parts.rewardCombination();
        double[] range = combination.range(trained.range());
        if (combination.usesAdvantage() && parts.objective().maximisesRewards()) {
            parts.advantage().rewardRange(range[0], range[1]);
        }
    }
}
