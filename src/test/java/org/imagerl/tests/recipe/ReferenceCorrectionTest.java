package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.tests.Close;
import org.imagerl.toolkit.sampling.Correction;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples of a tuned policy that are corrected towards the weights before training. */
class ReferenceCorrectionTest {

    private static float[] image(TinyPolicy tiny, GuidedPolicy policy) {
        return Close.floats(tiny.rollout(policy).state(TinyPolicy.STEPS));
    }

    /** Nothing of the reference is the tuned policy, nothing else the checkpoint; with trained text encoders too. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndsAreTheTunedPolicyAndTheCheckpointToTheBit(boolean text) {
        try (TinyPolicy tuned = TinyPolicy.trained(text ? TinyPolicy.WITH_TEXT : TinyPolicy.ATTENTION, 5);
                TinyPolicy base = TinyPolicy.fresh(TinyPolicy.ATTENTION, 5)) {
            float[] own = image(tuned, tuned.policy);
            float[] before = image(base, base.policy);
            assertThat(own).isNotEqualTo(before);
            assertThat(image(tuned, corrected(tuned, 0, 0, 1))).containsExactly(own);
            assertThat(image(tuned, corrected(tuned, 1, 0, 1))).containsExactly(before);
        }
    }

    @Test
    void betweenThemTheOutputIsTheirMixture() {
        try (TinyPolicy tuned = TinyPolicy.trained(TinyPolicy.ATTENTION, 1)) {
            Trajectories rollout = tuned.rollout();
            float[] own = output(tuned.policy, WeightSet.LIVE, rollout);
            float[] before = output(tuned.policy, WeightSet.REFERENCE, rollout);
            float[] mixed = output(corrected(tuned, 0.3, 0, 1), WeightSet.LIVE, rollout);
            for (int i = 0; i < own.length; i++) {
                assertThat(mixed[i]).as("element %d", i).isCloseTo(0.7f * own[i] + 0.3f * before[i], within(1e-5f));
            }
            assertThatThrownBy(() -> new Correction(1.5, 0, 1)).hasMessageContaining("1.5");
        }
    }

    private static GuidedPolicy corrected(TinyPolicy tiny, double weight, double from, double to) {
        return tiny.policy.towardsReference(new Correction(weight, from, to), tiny.kernel);
    }

    /** Of four steps the last two: until then nothing is corrected, and these are as if all were from the same state on. */
    @Test
    void onlyTheChosenStepsAreCorrected() {
        try (TinyPolicy tuned = TinyPolicy.trained(TinyPolicy.ATTENTION, 1)) {
            Trajectories plain = tuned.rollout();
            Trajectories late = tuned.rollout(corrected(tuned, 1, 0.5, 1));
            Trajectories all = tuned.rollout(corrected(tuned, 1, 0, 1));
            for (int step = 0; step <= 2; step++) {
                assertThat(Close.floats(late.state(step)))
                        .as("state %d", step)
                        .containsExactly(Close.floats(plain.state(step)));
            }
            assertThat(Close.floats(late.state(3))).isNotEqualTo(Close.floats(plain.state(3)));
            assertThat(Close.floats(all.state(1))).isNotEqualTo(Close.floats(plain.state(1)));
            Trajectories early = tuned.rollout(corrected(tuned, 1, 0, 0.5));
            assertThat(Close.floats(early.state(2))).containsExactly(Close.floats(all.state(2)));
            assertThat(Close.floats(early.state(3))).isNotEqualTo(Close.floats(all.state(3)));
            assertThat(new Correction(0.5, 0.5, 1).steps(4)).isEqualTo(2);
            assertThatThrownBy(() -> new Correction(0.5, 0.5, 0.5)).hasMessageContaining("begin before it ends");
        }
    }

    private static float[] output(GuidedPolicy policy, WeightSet weights, Trajectories rollout) {
        float[][] output = new float[1][];
        double[] timesteps = {900, 500, 300, 1};
        Scope.run(() -> output[0] =
                Gradients.off(() -> Close.floats(policy.output(weights, rollout.state(1), timesteps, rollout))));
        return output[0];
    }
}
