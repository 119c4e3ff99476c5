package org.imagerl.flow.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.imagerl.spi.WeightSet;
import org.junit.jupiter.api.Test;

/** What must hold of the losses of a pair, by their definition. */
class PairLossTest {
    private static final double BETA = 8;
    private static final List<PairLoss> LOSSES = List.of(
            new PairLoss.Dpo(BETA),
            new PairLoss.Ipo(BETA),
            new PairLoss.Kto(BETA, 1, 1.5),
            new PairLoss.Cpl(BETA, 0.5, true),
            new PairLoss.Cpl(BETA, 0.5, false),
            new PairLoss.Tgdpo(BETA, 0.5));

    private static PairErrors pair(double chosen, double rejected) {
        return new PairErrors(chosen, rejected, 0.5, 0.6, 0.42, 0.65);
    }

    /** Where the policy is the reference, and the EMA weights are, too. */
    private static PairErrors atReference() {
        return new PairErrors(0.5, 0.6, 0.5, 0.6, 0.5, 0.6);
    }

    /** Of KTO where the constant is above 0 a step of one error would move it, so that only the other side is compared. */
    @Test
    void slopesAreDerivatives() {
        double h = 1e-6;
        for (PairLoss loss : LOSSES) {
            PairLoss.Value value = loss.of(pair(0.55, 0.63));
            double byChosen = (loss.of(pair(0.55 + h, 0.63)).loss()
                            - loss.of(pair(0.55 - h, 0.63)).loss())
                    / (2 * h);
            double byRejected = (loss.of(pair(0.55, 0.63 + h)).loss()
                            - loss.of(pair(0.55, 0.63 - h)).loss())
                    / (2 * h);
            assertThat(value.byChosen()).as("%s", loss).isCloseTo(byChosen, within(1e-6));
            assertThat(value.byRejected()).as("%s", loss).isCloseTo(byRejected, within(1e-6));
        }
    }

    @Test
    void everyLossPullsThePreferredImageAndPushesTheOther() {
        for (PairLoss loss : LOSSES) {
            PairLoss.Value value = loss.of(atReference());
            assertThat(value.byChosen()).as("%s", loss).isPositive();
            assertThat(value.byRejected()).as("%s", loss).isNegative();
        }
    }

    @Test
    void atTheReferenceTheLogisticLossesAreLogTwoWithAQuarterOfBeta() {
        for (PairLoss loss :
                List.of(new PairLoss.Dpo(BETA), new PairLoss.Tgdpo(BETA, 0.5), new PairLoss.Cpl(BETA / 2, 1, true))) {
            PairLoss.Value value = loss.of(atReference());
            assertThat(value.loss()).isCloseTo(Math.log(2), within(1e-12));
            assertThat(value.byChosen()).isCloseTo(BETA / 4, within(1e-12));
            assertThat(value.byRejected()).isCloseTo(-BETA / 4, within(1e-12));
        }
        assertThat(new PairLoss.Ipo(BETA).of(atReference()).loss()).isCloseTo(1 / (4 * BETA * BETA), within(1e-15));
        assertThat(new PairLoss.Kto(BETA, 1, 1).of(atReference()).loss()).isCloseTo(0.5, within(1e-12));
    }

    @Test
    void withoutItsRewardTgdpoIsDpoAndWithReferenceUnbiasedCplIsToo() {
        PairErrors pair = pair(0.3, 0.7);
        PairLoss.Value dpo = new PairLoss.Dpo(BETA).of(pair);
        assertThat(new PairLoss.Tgdpo(BETA, 0).of(pair)).isEqualTo(dpo);
        PairErrors untaught = new PairErrors(0.3, 0.7, 0.5, 0.6, 0.5, 0.6);
        assertThat(new PairLoss.Tgdpo(BETA, 0.5).of(untaught)).isEqualTo(dpo);
        assertThat(new PairLoss.Cpl(BETA / 2, 1, true).of(pair)).isEqualTo(dpo);
    }

    @Test
    void unbiasedCplDependsOnTheDifferenceAloneAndItsBiasOfZeroLeavesTheRejectedImageOut() {
        PairLoss unbiased = new PairLoss.Cpl(BETA, 1, false);
        PairErrors one = new PairErrors(0.3, 0.7, 0, 0, 0, 0);
        PairErrors shifted = new PairErrors(1.3, 1.7, 0, 0, 0, 0);
        assertThat(unbiased.of(shifted).loss()).isCloseTo(unbiased.of(one).loss(), within(1e-12));
        PairErrors equal = new PairErrors(0.4, 0.4, 0, 0, 0, 0);
        assertThat(unbiased.of(equal).loss()).isCloseTo(Math.log(2), within(1e-12));
        PairLoss.Value alone = new PairLoss.Cpl(BETA, 0, false).of(one);
        assertThat(alone.loss()).isCloseTo(Math.log1p(Math.exp(BETA * 0.3)), within(1e-12));
        assertThat(alone.byRejected()).isZero();
        assertThat(new PairLoss.Cpl(BETA, 0.5, false).weights()).isEmpty();
    }

    /** IPO is satisfied at its margin, and pulls back behind it; a logistic loss goes on for ever. */
    @Test
    void ipoStopsAtItsMargin() {
        double margin = 1 / (2 * BETA);
        PairLoss.Value there = new PairLoss.Ipo(BETA).of(new PairErrors(0.5 - margin, 0.6, 0.5, 0.6, 0, 0));
        assertThat(there.loss()).isCloseTo(0, within(1e-15));
        assertThat(there.byChosen()).isCloseTo(0, within(1e-12));
        assertThat(new PairLoss.Ipo(BETA)
                        .of(new PairErrors(0.2, 0.6, 0.5, 0.6, 0, 0))
                        .byChosen())
                .isNegative();
        assertThat(new PairLoss.Dpo(BETA)
                        .of(new PairErrors(0.2, 0.6, 0.5, 0.6, 0, 0))
                        .byChosen())
                .isPositive();
    }

    /** The EMA weights know the preferred image better than the reference does: it counts more. */
    @Test
    void tgdpoCountsATimeMoreThatTheAverageHasLearntFrom() {
        PairLoss tgdpo = new PairLoss.Tgdpo(BETA, 0.5);
        PairErrors at = new PairErrors(0.5, 0.6, 0.5, 0.6, 0.4, 0.6);
        assertThat(tgdpo.of(at).byChosen()).isCloseTo(BETA / 4 * (1 + 0.5 * BETA / 2 * 0.1), within(1e-12));
        assertThat(tgdpo.weights()).containsExactlyInAnyOrder(WeightSet.REFERENCE, WeightSet.EMA);
        assertThat(new PairLoss.Tgdpo(BETA, 0).weights()).containsExactly(WeightSet.REFERENCE);
    }

    @Test
    void settingsThatMeanNothingAreRefused() {
        assertThatThrownBy(() -> new PairLoss.Dpo(0)).hasMessageContaining("beta must be above 0");
        assertThatThrownBy(() -> new PairLoss.Ipo(Double.NaN)).hasMessageContaining("beta must be above 0");
        assertThatThrownBy(() -> new PairLoss.Kto(1, -1, 1)).hasMessageContaining("desirable");
        assertThatThrownBy(() -> new PairLoss.Cpl(1, 1.5, false)).hasMessageContaining("bias must be 0 to 1");
        assertThatThrownBy(() -> new PairLoss.Tgdpo(1, -0.1)).hasMessageContaining("weight");
    }
}
