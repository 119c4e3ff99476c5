package org.imagerl.toolkit.recipe.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.imagerl.spi.Advantage;
import org.imagerl.testkit.AdvantageContract;
import org.imagerl.toolkit.recipe.GroupAdvantage;
import org.imagerl.toolkit.recipe.Groups;
import org.imagerl.toolkit.recipe.Statistics;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The estimators of one advantage per sample: closed forms and what they reduce to. */
class RewardAdvantagesTest {
    private static final List<String> GROUPS = List.of("a", "b", "a", "b", "c", "a", "c", "b", "c");
    private static final double[] BINARY = {1, 0, 0, 0, 1, 1, 1, 0, 0};
    private static final double[] GRADED = {0.3, 0.9, 0.1, 0.7, 0.2, 0.8, 0.2, 0.6, 0.2};

    private static Advantage bnpo() {
        return new BnpoAdvantage(new BnpoAdvantage.Config(null, null));
    }

    private static Advantage copo() {
        return new CopoAdvantage(new CopoAdvantage.Config(20, 0.58, 0.1, 1e-4));
    }

    @Nested
    class Rloo extends AdvantageContract {
        @Override
        protected Advantage create() {
            return new RlooAdvantage();
        }
    }

    @Nested
    class Bnpo extends AdvantageContract {
        @Override
        protected Advantage create() {
            return bnpo();
        }
    }

    @Nested
    class Copo extends AdvantageContract {
        @Override
        protected Advantage create() {
            return copo();
        }
    }

    @Nested
    class Constant extends AdvantageContract {
        @Override
        protected Advantage create() {
            return new ConstantAdvantage();
        }
    }

    @Test
    void rlooComparesWithTheOthersOfTheGroup() {
        double[] a = new RlooAdvantage().advantages(GROUPS, GRADED);
        assertThat(a[0]).isCloseTo(0.3 - (0.1 + 0.8) / 2, within(1e-12));
        assertThat(a[1]).isCloseTo(0.9 - (0.7 + 0.6) / 2, within(1e-12));
        assertThat(new double[] {a[4], a[6], a[8]}).as("all alike").containsExactly(0, 0, 0);
        assertThat(new RlooAdvantage().advantages(List.of("x"), new double[] {7}))
                .containsExactly(0);
    }

    /** Two groups of means 1/4 and 3/4: v = 1/8, so c = 1, a = b = 1/2, alpha = beta = 7/6. */
    @Test
    void bnposShapeFollowsFromTheMeansOfTheGroups() {
        BnpoAdvantage.Shape shape = BnpoAdvantage.Shape.of(0.25, 0.75);
        assertThat(shape.alpha()).isCloseTo(7.0 / 6, within(1e-12));
        assertThat(shape.beta()).isCloseTo(7.0 / 6, within(1e-12));
        assertThat(BnpoAdvantage.Shape.of(0.5)).isEqualTo(new BnpoAdvantage.Shape(1, 1));
        assertThat(BnpoAdvantage.Shape.of(0.5, 0.5)).as("no variance").isEqualTo(new BnpoAdvantage.Shape(1, 1));
        assertThat(BnpoAdvantage.Shape.of(0.2, Math.nextUp(0.2)))
                .as("rounding")
                .isEqualTo(new BnpoAdvantage.Shape(1, 1));
        // Beta(2, 3) has the density 12 p (1 - p)^2.
        assertThat(Math.exp(new BnpoAdvantage.Shape(2, 3).logDensity(0.3))).isCloseTo(12 * 0.3 * 0.49, within(1e-12));
    }

    /** At alpha = beta = 3/2 the factor is (pi/8) / sqrt(p (1 - p)): GRPO for binary rewards. */
    @Test
    void bnpoIsGrpoForBinaryRewardsAtThreeHalves() {
        BnpoAdvantage.Shape shape = new BnpoAdvantage.Shape(1.5, 1.5);
        for (double p : new double[] {0.1, 0.5, 0.9}) {
            assertThat(Math.exp(-shape.logDensity(p))).isCloseTo(Math.PI / 8 / Math.sqrt(p * (1 - p)), within(1e-12));
        }
    }

    @Test
    void bnpoOfOneGroupSubtractsTheMeanAlone() {
        BnpoAdvantage bnpo = new BnpoAdvantage(new BnpoAdvantage.Config(-1.0, 3.0));
        double[] a = bnpo.advantages(List.of("a", "a", "a", "a"), new double[] {-1, 3, 3, 9});
        assertThat(a).containsExactly(new double[] {-0.75, 0.25, 0.25, 0.25}, within(1e-12));
    }

    @Test
    void bnpoOfGroupsThatScoreAlikeIsZero() {
        double[] a = bnpo().advantages(GROUPS, BINARY);
        assertThat(new double[] {a[1], a[3], a[7]}).containsExactly(0, 0, 0);
        assertThat(a[0]).isPositive().isFinite();
    }

    @Test
    void bnpoNeedsARange() {
        Advantage bnpo = bnpo();
        assertThatThrownBy(() -> bnpo.rewardRange(0, Double.POSITIVE_INFINITY))
                .hasMessageContaining("algorithm.advantage.min and max");
        bnpo.rewardRange(0, 2);
        double[] halves = bnpo.advantages(List.of("a", "a"), new double[] {0, 2});
        assertThat(halves).containsExactly(-0.5, 0.5);
    }

    /** rho below 0 and a large gamma leave the comparison within the group; one prompt has nothing to be compared with. */
    @Test
    void copoIsTheGroupAdvantageWhereItsWeightIsOne() {
        Advantage local = new CopoAdvantage(new CopoAdvantage.Config(1e9, -1, 0.1, 1e-4));
        double[] group = new GroupAdvantage(new GroupAdvantage.Config(false)).advantages(GROUPS, GRADED);
        assertThat(local.advantages(GROUPS, GRADED)).containsExactly(group, within(1e-12));
        Advantage copo = copo();
        assertThat(copo.advantages(List.of("a", "a"), new double[] {1, 1})).containsExactly(0, 0);
    }

    /** Of a group that scores alike only the comparison with other prompts is left: w = sigmoid(-gamma rho log2 K). Four outcomes are two bits. */
    @Test
    void copoComparesPromptsWhoseImagesScoreAlike() {
        CopoAdvantage copo = new CopoAdvantage(new CopoAdvantage.Config(20, 0.75, 0.5, 1e-4));
        assertThat(copo.localWeight(1, 1, 1, 1)).isCloseTo(1 / (1 + Math.exp(30)), within(1e-15));
        assertThat(copo.localWeight(0, 1, 2, 3)).as("all differ").isCloseTo(1 / (1 + Math.exp(-10)), within(1e-12));
        assertThat(copo.localWeight(0, 0, 1, 1)).as("one bit").isCloseTo(1 / (1 + Math.exp(10)), within(1e-12));
        double[] a = copo.advantages(List.of("a", "a", "b", "b"), new double[] {1, 1, 0, 0});
        double w = copo.localWeight(1, 1);
        double global = (1 - w) * 0.5 / (0.5 + 1e-4);
        assertThat(a).containsExactly(new double[] {global, global, -global, -global}, within(1e-12));
    }

    @Test
    void groupsKeepTheOrderOfTheirFirstSamples() {
        assertThat(Groups.of(GROUPS)).containsExactly(new int[] {0, 2, 5}, new int[] {1, 3, 7}, new int[] {4, 6, 8});
        assertThat(Statistics.of(Groups.pick(GRADED, 4, 6, 8)).std()).isZero();
    }
}
