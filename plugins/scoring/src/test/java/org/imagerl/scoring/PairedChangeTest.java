package org.imagerl.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PairedChangeTest {
    /** Changes 1, 2, 4, 5: mean 3, sample standard deviation sqrt(10 / 3), quantile of Student's with 3 degrees of freedom 3.182446. */
    @Test
    void withAnImagePerPromptItIsStudentsInterval() {
        double[] before = {10, 20, 30, 40};
        double[] after = {11, 22, 34, 45};
        PairedChange change = PairedChange.of(before, after, List.of("a", "b", "c", "d"), true);
        assertThat(change.n()).isEqualTo(4);
        assertThat(change.before()).isEqualTo(25);
        assertThat(change.after()).isEqualTo(28);
        assertThat(change.change()).isEqualTo(3);
        double half = 3.182446305284263 * Math.sqrt(10.0 / 3 / 4);
        assertThat(change.high() - change.change()).isCloseTo(half, within(1e-9));
        assertThat(change.change() - change.low()).isCloseTo(half, within(1e-9));
        assertThat(change.better()).isEqualTo(4);
    }

    /** Means of the prompts' changes 1.5 and 4.5: their standard deviation is 3 / sqrt(2), the quantile with 1 degree of freedom 12.706205. */
    @Test
    void imagesOfAPromptAreNoIndependentTrials() {
        double[] before = {0, 0, 0, 0};
        double[] after = {1, 2, 4, 5};
        PairedChange change = PairedChange.of(before, after, List.of("a", "a", "b", "b"), true);
        double half = 12.706204736174705 * 3 / Math.sqrt(2) / Math.sqrt(2);
        assertThat(change.high() - change.change()).isCloseTo(half, within(1e-9));
    }

    @Test
    void ofOnePromptTheSeedsAreTheTrials() {
        PairedChange one = PairedChange.of(new double[3], new double[] {1, 2, 3}, List.of("a", "a", "a"), true);
        PairedChange three = PairedChange.of(new double[3], new double[] {1, 2, 3}, List.of("a", "b", "c"), true);
        assertThat(one).isEqualTo(three);
    }

    @Test
    void whatHasNoScoreOnOneSideIsLeftOutOnBoth() {
        double[] before = {1, Double.NaN, 3, 100};
        double[] after = {0, 50, 4, Double.NaN};
        PairedChange change = PairedChange.of(before, after, List.of("a", "b", "c", "d"), false);
        assertThat(change.n()).isEqualTo(2);
        assertThat(change.before()).isEqualTo(2);
        assertThat(change.after()).isEqualTo(2);
        assertThat(change.better()).isEqualTo(1);
        assertThat(change.worse()).isEqualTo(1);
    }

    @Test
    void aSinglePairHasNoInterval() {
        PairedChange change = PairedChange.of(new double[] {1}, new double[] {2}, List.of("a"), true);
        assertThat(change.change()).isEqualTo(1);
        assertThat(change.low()).isNaN();
        assertThat(PairedChange.of(new double[0], new double[0], List.of(), true)
                        .change())
                .isNaN();
    }
}
