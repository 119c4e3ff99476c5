package org.imagerl.toolkit.recipe.combination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.run.RewardCombination;
import org.junit.jupiter.api.Test;

class DiversityBandTest {
    private static final List<String> GROUPS = List.of("a", "a", "b", "b");

    private final DiversityBand band = new DiversityBand(new DiversityBand.Config("diversity", 0.8, 1.2));

    /** The rewards that the advantage gets to see. */
    @SuppressWarnings("NullAway") // nobody looks at rollouts
    private static double[] seen(DiversityBand band, double... diversity) {
        RewardCombination.Column reward = new RewardCombination.Column("ocr", 2, new double[] {1, 2, 3, 4});
        RewardCombination.Column other = new RewardCombination.Column("diversity", 0.5, diversity);
        Advantage same = new Advantage() {
            @Override
            public int minimumGroup() {
                return 1;
            }

            @Override
            public double[] advantages(List<String> groups, double[] rewards) {
                return rewards;
            }
        };
        return band.advantages(new RewardCombination.Scored(GROUPS, List.of(reward, other), null), same)
                .samples();
    }

    @Test
    void theFirstEpochAndWhatStaysInTheBandAreUnchanged() {
        assertThat(seen(band, 0.1, 0.3, 9, 11)).containsExactly(2, 4, 6, 8);
        double history = 5.1; // the mean of 0.1, 0.3, 9 and 11
        assertThat(seen(band, 0.81 * history, 0.81 * history, 1.19 * history, 1.19 * history))
                .containsExactly(2, 4, 6, 8);
    }

    /** Group a falls to half of the history of 1, group b rises to one and a half times it. */
    @Test
    void whatLeavesTheBandIsRewardedBelowAndPenalisedAbove() {
        seen(band, 1, 1, 1, 1);
        assertThat(seen(band, 0.4, 0.6, 1.4, 1.6)).containsExactly(new double[] {2.2, 4.3, 5.3, 7.2}, within(1e-12));
    }

    @Test
    void theHistorySurvivesAResume() {
        seen(band, 1, 1, 1, 1);
        DiversityBand resumed = new DiversityBand(new DiversityBand.Config("diversity", 0.8, 1.2));
        resumed.restore(band.state());
        assertThat(seen(resumed, 0.2, 0.2, 1, Double.NaN)).containsExactly(seen(band, 0.2, 0.2, 1, Double.NaN));
        assertThat(resumed.state().numbers().get("sum"))
                .containsExactly(band.state().number("sum"));
    }

    @Test
    void itNeedsTheRewardThatMeasuresDiversity() {
        assertThatThrownBy(() -> band.check(List.of("ocr"))).hasMessageContaining("needs the reward diversity");
        assertThatThrownBy(() -> band.check(List.of("diversity"))).hasMessageContaining("at least one other");
        band.check(List.of("ocr", "diversity"));
    }
}
