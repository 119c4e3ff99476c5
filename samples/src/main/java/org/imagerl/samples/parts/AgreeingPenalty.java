package org.imagerl.samples.parts;

import org.imagerl.spi.PenaltyGradient;

/** Leaves the penalties out of an update in which they would undo a part of what the rewards ask for. */
final class AgreeingPenalty implements PenaltyGradient {
    @Override
    public boolean apart() {
        return true;
    }

    @Override
    public Factors factors(double policySquared, double product) {
        return new Factors(1, product < 0 ? 0 : 1);
    }
}
