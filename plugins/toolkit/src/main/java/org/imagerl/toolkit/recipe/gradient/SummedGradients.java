package org.imagerl.toolkit.recipe.gradient;

import org.imagerl.spi.PenaltyGradient;

/** Their plain sum: the gradient of the loss with its penalties. */
public final class SummedGradients implements PenaltyGradient {

    @Override
    public boolean apart() {
        return false;
    }

    @Override
    public Factors factors(double policySquared, double product) {
        return new Factors(1, 1);
    }
}
