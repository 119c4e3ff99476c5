package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.imagerl.spi.PenaltyGradient;
import org.junit.jupiter.api.Test;

/** What every rule must do by which penalties join the loss; extend it with a test of your own. */
public abstract class PenaltyGradientContract {

    /** A fresh one. */
    protected abstract PenaltyGradient create();

    /** Also where one of the two gradients is zero, or where they are as large or small as gradients get. */
    @Test
    public void factorsAreFinite() {
        PenaltyGradient part = create();
        double[][] gradients = {{1, 0.5}, {1, -0.5}, {1, 0}, {0, 0}, {1e-30, 1e-30}, {1e12, -1e12}};
        for (double[] each : gradients) {
            PenaltyGradient.Factors factors = part.factors(each[0], each[1]);
            assertThat(factors.policy()).as("factor of the policy").isFinite();
            assertThat(factors.penalty())
                    .as("factor of the penalties")
                    .isFinite()
                    .isNotNegative();
            assertThat(part.factors(each[0], each[1])).as("again").isEqualTo(factors);
            assertThat(create().factors(each[0], each[1])).as("another one").isEqualTo(factors);
        }
    }

    /** Without a penalty the update is the policy's. */
    @Test
    public void withoutPenaltiesThePolicysGradientStaysAsItIs() {
        assertThat(create().factors(2, 0).policy()).isEqualTo(1);
    }

    /** What is not differentiated apart is a plain sum. */
    @Test
    public void aSumHasNoFactors() {
        PenaltyGradient part = create();
        if (!part.apart()) {
            assertThat(part.factors(1, -0.5)).isEqualTo(new PenaltyGradient.Factors(1, 1));
        }
    }
}
