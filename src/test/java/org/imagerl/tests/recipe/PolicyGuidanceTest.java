package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Set;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.tests.Close;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.sampling.PolicyGuidance;
import org.imagerl.toolkit.sampling.PolicyWeights;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Test;

/** Rollouts of the EMA weights that are led towards the live ones. */
class PolicyGuidanceTest {

    /** By the published formula; in the middle of the way the hump is highest. */
    @Test
    void theScheduleIsThePublishedOneAndLeavesTheLastStepAlone() {
        PolicyGuidance guidance = new PolicyGuidance(2);
        assertThat(guidance.at(0, 4)).isCloseTo(2 * (1 + 0.3 * Math.sin(Math.PI / 4)), within(1e-12));
        assertThat(guidance.at(1, 4)).isCloseTo(2 * (0.75 + 0.3), within(1e-12));
        assertThat(guidance.at(2, 4)).isCloseTo(2 * (0.5 + 0.3 * Math.sin(3 * Math.PI / 4)), within(1e-12));
        assertThat(guidance.at(3, 4)).isZero();
        assertThat(guidance.furtherCalls(4)).isEqualTo(3);
        assertThat(new PolicyGuidance(0).furtherCalls(4)).isZero();
        assertThatThrownBy(() -> new PolicyGuidance(-1)).hasMessageContaining("-1");
    }

    /** The EMA weights are those of the checkpoint here, before the live ones moved. */
    @Test
    void theOutputIsThatOfTheEmaWeightsMovedByTheDifference() {
        try (TinyPolicy tiny = TinyPolicy.fresh(TinyPolicy.ATTENTION, 1);
                PolicyWeights weights = new PolicyWeights(
                        tiny.tuning, tiny.pipeline.manager(), Set.of(), WeightSet.EMA, steps -> 0.5)) {
            tiny.move(0.1, 2);
            GuidedPolicy live = new GuidedPolicy(
                    tiny.pipeline, weights, new GuidedPolicy.Settings(1, "", tiny.pipeline.defaultSize()));
            Trajectories rollout = tiny.rollout(live);
            float[] own = output(live, WeightSet.LIVE, rollout, 0);
            float[] slow = output(live, WeightSet.EMA, rollout, 0);
            assertThat(own).isNotEqualTo(slow);
            for (double coefficient : new double[] {0, 0.4, 1.5}) {
                GuidedPolicy led = live.guidedFromEma(new PolicyGuidance(coefficient), tiny.kernel);
                for (int step = 0; step < TinyPolicy.STEPS; step++) {
                    float[] fast = output(live, WeightSet.LIVE, rollout, step);
                    float[] base = output(live, WeightSet.EMA, rollout, step);
                    float[] mixed = output(led, WeightSet.LIVE, rollout, step);
                    if (coefficient == 0 || step == TinyPolicy.STEPS - 1) {
                        assertThat(mixed).as("step %d", step).containsExactly(base);
                        continue;
                    }
                    double lam = new PolicyGuidance(coefficient).at(step, TinyPolicy.STEPS);
                    for (int i = 0; i < mixed.length; i++) {
                        assertThat((double) mixed[i])
                                .as("step %d, element %d", step, i)
                                .isCloseTo(base[i] + lam * (fast[i] - base[i]), within(1e-4));
                    }
                }
            }
        }
    }

    private static float[] output(GuidedPolicy policy, WeightSet weights, Trajectories rollout, int step) {
        float[][] output = new float[1][];
        double[] timesteps = new double[rollout.size()];
        Arrays.fill(timesteps, rollout.kernel().timestep(step));
        Scope.run(() -> output[0] =
                Gradients.off(() -> Close.floats(policy.output(weights, rollout.state(0), timesteps, rollout))));
        return output[0];
    }
}
