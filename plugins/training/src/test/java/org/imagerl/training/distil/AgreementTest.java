package org.imagerl.training.distil;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class AgreementTest {
    /** Two prompts of two and three images; by hand. */
    @Test
    void numbersAreThoseOfPaper() {
        double[] teacher = {0, 1, 2, 3, 4};
        double[] estimates = {1, 0, 2, 2, 5};
        Agreement agreement = Agreement.of(teacher, estimates, List.of("a", "a", "b", "b", "b"));
        assertThat(agreement.pearson()).isCloseTo(10 / Math.sqrt(10 * 14), within(1e-12));
        assertThat(agreement.rmse()).isCloseTo(Math.sqrt(4.0 / 5), within(1e-12));
        assertThat(agreement.std()).isCloseTo(Math.sqrt(2), within(1e-12));
        // Ten pairs: (0, 1) the other way round, (2, 3) equal for the estimates, which is no order.
        assertThat(agreement.equalOrder()).isCloseTo(8.0 / 9, within(1e-12));
        assertThat(agreement.equalOrderWithin()).isCloseTo(2.0 / 3, within(1e-12));
        // Around the means of prompts: teacher -.5 .5 -1 0 1, estimates .5 -.5 -1 -1 2.
        assertThat(agreement.pearsonWithin()).isCloseTo(2.5 / Math.sqrt(2.5 * 6.5), within(1e-12));
        // Ranks 1 2 3 4 5 and 2 1 3.5 3.5 5.
        assertThat(agreement.spearman()).isCloseTo(8.5 / Math.sqrt(10 * 9.5), within(1e-12));
    }

    @Test
    void whatIsNotKnownIsLeftOut() {
        Agreement agreement = Agreement.of(new double[] {0, 1}, new double[] {0, 1}, List.of("a", "b"));
        assertThat(agreement.byName()).containsKey("pearson").doesNotContainKey("equal_order_within_prompts");
    }
}
