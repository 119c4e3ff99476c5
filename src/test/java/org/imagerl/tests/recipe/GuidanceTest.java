package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.tests.Close;
import org.imagerl.toolkit.sampling.ClassifierFreeGuidance;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.sampling.IntervalGuidance;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A policy that is trained with another guidance than its rollouts had. */
class GuidanceTest {

    private static float[] output(GuidedPolicy policy, Trajectories rollout) {
        return output(policy, rollout, 900, 500, 300, 1);
    }

    private static float[] output(GuidedPolicy policy, Trajectories rollout, double... timesteps) {
        float[][] output = new float[1][];
        Scope.run(() -> output[0] =
                Gradients.off(() -> Close.floats(policy.output(WeightSet.LIVE, rollout.state(1), timesteps, rollout))));
        return output[0];
    }

    /** The rollouts of one are asked about with the guidance of the other, and answered as that one answers; text encoder in training or not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itIsThePolicyOfThatGuidance(boolean text) {
        try (TinyPolicy none = TinyPolicy.trained(text ? TinyPolicy.WITH_TEXT : TinyPolicy.ATTENTION, 1);
                TinyPolicy five = TinyPolicy.trained(text ? TinyPolicy.WITH_TEXT : TinyPolicy.ATTENTION, 5)) {
            Trajectories guided = five.rollout();
            float[] without = output(none.policy, guided);
            assertThat(output(five.policy.guidedBy(1), guided)).containsExactly(without);
            assertThat(output(five.policy, guided)).isNotEqualTo(without);

            GuidedPolicy carrying = new GuidedPolicy(
                    none.pipeline,
                    none.weights,
                    new GuidedPolicy.Settings(
                            1, "the photo", none.pipeline.defaultSize(), true, new ClassifierFreeGuidance()));
            Trajectories plain = none.rollout(carrying);
            assertThat(plain.conditioning().guided()).isTrue();
            assertThat(Close.floats(plain.state(TinyPolicy.STEPS)))
                    .as("rollouts are as without the negative prompt")
                    .containsExactly(Close.floats(none.rollout().state(TinyPolicy.STEPS)));
            assertThat(output(carrying.guidedBy(5), plain)).containsExactly(output(five.policy, plain));
        }
    }

    /** What an epoch costs is of both. */
    @Test
    void evaluationsOfBothAreCountedTogether() {
        try (TinyPolicy five = TinyPolicy.fresh(TinyPolicy.ATTENTION, 5)) {
            Trajectories rollout = five.rollout();
            assertThat(five.policy.evaluations()).isEqualTo(TinyPolicy.STEPS * 4 * 2);
            output(five.policy.guidedBy(1), rollout);
            assertThat(five.policy.evaluations()).isEqualTo(TinyPolicy.STEPS * 4 * 2 + 4);
        }
    }

    /** Outside the interval the policy is that without guidance, at its cost; a batch of several times has each by itself. */
    @Test
    void anIntervalGuidesSomeTimesOnly() {
        try (TinyPolicy five = TinyPolicy.fresh(TinyPolicy.ATTENTION, 5)) {
            Trajectories rollout = five.rollout();
            GuidedPolicy interval = new GuidedPolicy(
                    five.pipeline,
                    five.weights,
                    new GuidedPolicy.Settings(
                            5,
                            "the photo",
                            five.pipeline.defaultSize(),
                            false,
                            new IntervalGuidance(new IntervalGuidance.Config(0, 0.5))));
            float[] noisy = output(interval, rollout, 999, 999, 999, 999);
            assertThat(interval.evaluations()).as("one branch").isEqualTo(4);
            assertThat(noisy).containsExactly(output(five.policy.guidedBy(1), rollout, 999, 999, 999, 999));
            assertThat(output(interval, rollout, 20, 20, 20, 20))
                    .containsExactly(output(five.policy, rollout, 20, 20, 20, 20));

            float[] mixed = output(interval, rollout, 999, 20, 999, 20);
            float[] plain = output(five.policy.guidedBy(1), rollout, 999, 20, 999, 20);
            float[] guided = output(five.policy, rollout, 999, 20, 999, 20);
            int each = mixed.length / 4;
            for (int i = 0; i < mixed.length; i++) {
                boolean inside = i / each % 2 == 1;
                assertThat(mixed[i]).as("element " + i).isCloseTo(inside ? guided[i] : plain[i], Offset.offset(1e-4f));
            }
        }
    }
}
