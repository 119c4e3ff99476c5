package org.imagerl.toolkit.recipe.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.AdvantageContract;
import org.imagerl.toolkit.recipe.QuantileTracker;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RiskPoAdvantageTest {
    private static final double A_LO = 0.2;
    private static final double A_HI = 0.8;

    private static RiskPoAdvantage riskpo(
            int bundle, double low, double high, double weight, RiskPoConfig.Baseline baseline, RiskPoCredit credit) {
        return new RiskPoAdvantage(
                new RiskPoConfig(bundle, low, high, weight, baseline, RiskPoConfig.Quantiles.BUNDLE, credit));
    }

    private static List<String> groups(int prompts, int samples) {
        List<String> groups = new ArrayList<>();
        for (int g = 0; g < prompts; g++) {
            for (int k = 0; k < samples; k++) {
                groups.add("g" + g);
            }
        }
        return groups;
    }

    private static double[] random(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, count).mapToDouble(i -> random.nextDouble()).toArray();
    }

    /** RVaR as the paper writes it, and with the lower tail. */
    @Test
    void itIsThePapersFormula() {
        double[] r = random(12, 1);
        double[] s = IntStream.range(0, 4)
                .mapToDouble(k -> r[k] + r[4 + k] + r[8 + k])
                .toArray();
        double lo = QuantileTracker.quantile(s, A_LO);
        double hi = QuantileTracker.quantile(s, A_HI);
        double[] a = riskpo(3, A_LO, A_HI, 1.5, RiskPoConfig.Baseline.QUANTILE, RiskPoCredit.UNIFORM)
                .advantages(groups(3, 4), r);
        for (int k = 0; k < 4; k++) {
            double rvar = (Math.max(s[k] - lo, 0) - Math.max(s[k] - hi, 0) + lo - hi) / (A_HI - A_LO);
            double expected = (1.5 * -Math.max(lo - s[k], 0) / A_LO + rvar) / 2.5;
            for (int b = 0; b < 3; b++) {
                assertThat(a[4 * b + k]).isCloseTo(expected, within(1e-12)).isNotPositive();
            }
        }
    }

    /** Levels that hold all scores, one prompt, no lower tail: r - mean of the group. */
    @Test
    void ofOnePromptAtWideLevelsItSubtractsTheMean() {
        double[] r = random(4, 2);
        double wide = 1e-12;
        double[] a = riskpo(1, wide, 1 - wide, 0, RiskPoConfig.Baseline.MEAN, RiskPoCredit.UNIFORM)
                .advantages(groups(1, 4), r);
        double mean = Arrays.stream(r).average().orElseThrow();
        for (int k = 0; k < 4; k++) {
            assertThat(a[k]).isCloseTo(r[k] - mean, within(1e-9));
        }
    }

    @Test
    void theOrderOfPromptsInABundleDoesNotMatter() {
        double[] r = random(12, 3);
        double[] turned = new double[12];
        System.arraycopy(r, 8, turned, 0, 4);
        System.arraycopy(r, 0, turned, 4, 8);
        for (RiskPoCredit credit : RiskPoCredit.values()) {
            RiskPoAdvantage riskpo = riskpo(3, A_LO, A_HI, 1.5, RiskPoConfig.Baseline.MEAN, credit);
            double[] a = riskpo.advantages(groups(3, 4), r);
            double[] b = riskpo(3, A_LO, A_HI, 1.5, RiskPoConfig.Baseline.MEAN, credit)
                    .advantages(groups(3, 4), turned);
            for (int i = 0; i < 12; i++) {
                assertThat(b[(i + 4) % 12]).as("%s, sample %d", credit, i).isCloseTo(a[i], within(1e-9));
            }
        }
    }

    /** A prompt of equal rewards has a share of 0 in proportion to r - mean; the shares of a paper add up to 1. */
    @Test
    void creditGoesWhereTheRewardDiffers() {
        double[] r = {1, 1, 0, 1};
        double[] a = riskpo(2, A_LO, A_HI, 0, RiskPoConfig.Baseline.MEAN, RiskPoCredit.SUM_MEAN)
                .advantages(groups(2, 2), r);
        assertThat(a[0]).isZero();
        assertThat(a[1]).isZero();
        assertThat(a[3]).isPositive().isEqualTo(-a[2]);
    }

    @Test
    void aPaperWithoutARewardHasNoAdvantage() {
        double[] r = random(6, 4);
        r[4] = Double.NaN;
        double[] a = riskpo(2, A_LO, A_HI, 1, RiskPoConfig.Baseline.MEAN, RiskPoCredit.STD)
                .advantages(groups(2, 3), r);
        assertThat(a[1]).isNaN();
        assertThat(a[4]).isNaN();
        assertThat(Arrays.stream(a).filter(Double::isFinite).count()).isEqualTo(4);
    }

    @Test
    void whatCannotBeBundledIsRefused() {
        RiskPoAdvantage riskpo = riskpo(5, A_LO, A_HI, 1, RiskPoConfig.Baseline.MEAN, RiskPoCredit.UNIFORM);
        assertThatThrownBy(() -> riskpo.check(16, 8))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("5 prompts, which do not divide the 16");
        assertThatThrownBy(() -> riskpo.advantages(List.of("a", "a", "b"), new double[3]))
                .hasMessageContaining("as many images of every prompt");
        assertThatThrownBy(() -> new RiskPoConfig(
                        1, 0.01, 0.8, 1, RiskPoConfig.Baseline.MEAN, RiskPoConfig.Quantiles.MIX, RiskPoCredit.UNIFORM))
                .hasMessageContaining("levels from 0.05 to 0.95");
    }

    @Test
    void aTrackedQuantileConvergesOnADistributionThatStays() {
        QuantileTracker tracker = new QuantileTracker();
        tracker.observe(0, 1);
        for (int epoch = 0; epoch < 400; epoch++) {
            tracker.observe(random(50, epoch));
        }
        for (double level : new double[] {0.1, 0.5, 0.93}) {
            assertThat(tracker.at(level)).as("level %s", level).isCloseTo(level, within(0.05));
        }
        QuantileTracker restored = new QuantileTracker();
        restored.restore(tracker.state());
        restored.observe(0.3, 0.4);
        tracker.observe(0.3, 0.4);
        assertThat(restored.at(0.77)).isEqualTo(tracker.at(0.77));
    }

    /** Of one prompt each, so that a rollout without a reward takes no other with it; the tracked quantiles are what it remembers. */
    @Nested
    class OfSinglePrompts extends AdvantageContract {
        @Override
        protected Advantage create() {
            return new RiskPoAdvantage(new RiskPoConfig(
                    1,
                    A_LO,
                    A_HI,
                    1,
                    RiskPoConfig.Baseline.MEAN,
                    RiskPoConfig.Quantiles.TRACKED,
                    RiskPoCredit.UNIFORM));
        }
    }
}
