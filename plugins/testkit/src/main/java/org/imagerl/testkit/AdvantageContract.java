package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Advantages;
import org.junit.jupiter.api.Test;

/** What every estimator of advantages must do; extend it with a test of your own. */
public abstract class AdvantageContract {
    private static final int PROMPTS = 3;
    private static final int SAMPLES = 4;

    /** A fresh one. */
    protected abstract Advantage create();

    /**
     * Asks an estimator as a run does. Override this for one that looks at rollouts: give it yours.
     *
     * @param samples which of the 12 samples of an epoch these are
     */
    protected Advantages ask(Advantage advantage, List<String> groups, double[] rewards, int[] samples) {
        return Advantages.ofSamples(advantage.advantages(groups, rewards));
    }

    /** Rewards from 0 to 1, none like another. */
    private static double[] rewards(long epoch) {
        return IntStream.range(0, PROMPTS * SAMPLES)
                .mapToDouble(i -> 0.5 + 0.5 * Math.sin(9.7 * epoch + 2.3 * i))
                .toArray();
    }

    /** The samples of the prompts take turns. */
    private Advantages of(Advantage advantage, double[] rewards, int... samples) {
        List<String> groups =
                IntStream.of(samples).mapToObj(i -> "prompt " + i % PROMPTS).toList();
        return ask(
                advantage,
                groups,
                IntStream.of(samples).mapToDouble(i -> rewards[i]).toArray(),
                samples);
    }

    private double[] epoch(Advantage advantage, double... rewards) {
        advantage.check(PROMPTS, SAMPLES);
        return of(advantage, rewards, IntStream.range(0, rewards.length).toArray())
                .samples();
    }

    /** A number for every sample, and the same ones from another instance. */
    @Test
    public void givesEverySampleItsAdvantage() {
        double[] advantages = epoch(create(), rewards(0));
        assertThat(advantages).hasSize(PROMPTS * SAMPLES);
        assertThat(Arrays.stream(advantages).boxed().toList()).allMatch(Double::isFinite);
        assertThat(epoch(create(), rewards(0))).containsExactly(advantages);
        assertThat(create().minimumGroup()).isBetween(1, SAMPLES);
    }

    /** An image that could not be scored has no part in the statistics of the others. */
    @Test
    public void aSampleWithoutARewardHasNoAdvantageAndCountsNowhere() {
        double[] rewards = rewards(0);
        int failed = 5;
        rewards[failed] = Double.NaN;
        int[] others =
                IntStream.range(0, rewards.length).filter(i -> i != failed).toArray();
        double[] without = of(create(), rewards, others).samples();
        double[] with = epoch(create(), rewards);
        assertThat(with[failed]).isNaN();
        assertThat(IntStream.of(others).mapToDouble(i -> with[i]).toArray()).containsExactly(without);
    }

    /** As where a server is down for an epoch. */
    @Test
    public void anEpochWithoutRewardsHasNoAdvantages() {
        double[] none = new double[PROMPTS * SAMPLES];
        Arrays.fill(none, Double.NaN);
        assertThat(epoch(create(), none)).containsOnly(Double.NaN);
    }

    @Test
    public void leavesTheRewardsAsTheyWere() {
        double[] rewards = rewards(1);
        epoch(create(), rewards);
        assertThat(rewards).containsExactly(rewards(1));
    }

    /** A restored one goes on as the old one does. */
    @Test
    public void goesOnAfterAResume() {
        Advantage old = create();
        for (long epoch = 0; epoch < 3; epoch++) {
            epoch(old, rewards(epoch));
        }
        Advantage restored = create();
        restored.restore(old.state());
        List<double[]> expected = new ArrayList<>();
        List<double[]> actual = new ArrayList<>();
        for (long epoch = 3; epoch < 6; epoch++) {
            expected.add(epoch(old, rewards(epoch)));
            actual.add(epoch(restored, rewards(epoch)));
        }
        assertThat(actual.toArray(double[][]::new)).isDeepEqualTo(expected.toArray(double[][]::new));
    }
}
