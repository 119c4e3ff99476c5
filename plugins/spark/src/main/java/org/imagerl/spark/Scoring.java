package org.imagerl.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Stateful;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.LatentReward;
import org.imagerl.training.work.RolloutUnit;

/**
 * Who scores a rollout: the executors, each what it has sampled; or the driver, if one of the rewards must see whole groups or remembers what it has
 * scored.
 *
 * @param rewards all that score it
 * @param wholeGroups whether one of them must see whole groups
 * @param here whether the driver scores
 */
record Scoring(WeightedRewards rewards, boolean wholeGroups, boolean here) {

    static Scoring of(WeightedRewards all, int count) {
        WeightedRewards rewards = all.first(count);
        boolean groups = rewards.entries().stream().anyMatch(entry -> seesGroups(entry.reward()));
        boolean remembers = rewards.entries().stream().anyMatch(entry -> entry.reward() instanceof Stateful);
        return new Scoring(rewards, groups, groups || remembers);
    }

    /**
     * Refuses rewards of latents, which stay on executors, beside rewards for which the driver scores.
     *
     * @throws UserException naming both
     */
    static void refuseLatents(WeightedRewards all) {
        Function<Predicate<Reward>, String> named = which -> all.entries().stream()
                .filter(entry -> which.test(entry.reward()))
                .map(WeightedRewards.Entry::name)
                .collect(Collectors.joining(", "));
        String latent = named.apply(LatentReward.class::isInstance);
        String driver = named.apply(reward -> seesGroups(reward) || reward instanceof Stateful);
        if (!latent.isEmpty() && !driver.isEmpty()) {
            throw UserException.input("rewards: " + latent
                    + " is computed from latents, which stay on the executors that"
                    + " sampled them, and " + driver + " by the driver, which sees all images of a prompt but no"
                    + " latents; leave one of them out (evaluation_rewards count too), or train without --spark");
        }
    }

    private static boolean seesGroups(Reward reward) {
        return reward.spec().scope() == Reward.Scope.GROUPWISE;
    }

    /** How many rewards the executors score with. */
    int onExecutors() {
        return here ? 0 : rewards.entries().size();
    }

    /**
     * The scores of all samples.
     *
     * @param scored by the executors, unit by unit
     */
    RewardTable table(List<RewardTable> scored, List<List<ImageOrReason>> images, List<RolloutUnit> units) {
        if (!here) {
            return RewardTable.concat(scored);
        }
        if (wholeGroups) {
            List<Prompt> prompts =
                    units.stream().flatMap(unit -> unit.prompts().stream()).toList();
            return rewards.scoreSamples(images.stream().flatMap(List::stream).toList(), prompts);
        }
        List<RewardTable> tables = new ArrayList<>();
        for (int i = 0; i < units.size(); i++) {
            tables.add(rewards.scoreSamples(images.get(i), units.get(i).prompts()));
        }
        return RewardTable.concat(tables);
    }
}
