package org.imagerl.toolkit.recipe.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.PenaltyGradient;
import org.imagerl.toolkit.optim.GradientAside;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of two gradients over two tensors. */
class OrthogonalGradientTest {
    private static final float[] REWARD = {1, -2, 0.5f, 3, 0};

    private final NDManager manager = NDManager.newBaseManager(null, "PyTorch");
    private final SortedMap<String, NDArray> parameters = new TreeMap<>();

    OrthogonalGradientTest() {
        parameters.put("a", manager.create(new float[] {0, 0}).duplicate());
        parameters.put("b", manager.create(new float[] {0, 0, 0}).duplicate());
        parameters.values().forEach(parameter -> parameter.setRequiresGradient(true));
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private void accumulate(float... gradient) {
        accumulate("a", gradient[0], gradient[1]);
        accumulate("b", gradient[2], gradient[3], gradient[4]);
    }

    private void accumulate(String name, float... gradient) {
        Scope.run(() -> Gradients.record(recording -> {
            NDArray given = manager.create(gradient).duplicate();
            recording.backward(Kernels.scale(parameters.get(name), 1), given);
            return given;
        }));
    }

    private float[] joined(PenaltyGradient combination, float... penalty) {
        accumulate(REWARD);
        try (GradientAside aside = new GradientAside(parameters, manager)) {
            assertThat(parameters.get("b").getGradient().toFloatArray())
                    .as("cleared")
                    .containsExactly(0, 0, 0);
            accumulate(penalty);
            GradientAside.Angle angle = aside.join(combination);
            assertThat(angle.asideNorm()).isCloseTo(Math.sqrt(dot(REWARD, REWARD)), within(1e-6));
            assertThat(angle.norm()).isCloseTo(Math.sqrt(dot(penalty, penalty)), within(1e-6));
            assertThat(angle.cosine())
                    .isCloseTo(
                            dot(REWARD, penalty) / Math.sqrt(dot(REWARD, REWARD) * dot(penalty, penalty)),
                            within(1e-12));
        }
        float[] a = parameters.get("a").getGradient().toFloatArray();
        float[] b = parameters.get("b").getGradient().toFloatArray();
        return new float[] {a[0], a[1], b[0], b[1], b[2]};
    }

    private static double dot(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (double) one[i] * other[i];
        }
        return sum;
    }

    private static PenaltyGradient odice(double eta) {
        return new OrthogonalGradient(new OrthogonalGradient.Config(eta));
    }

    @Test
    void orthogonalGradientsAreAddedUp() {
        assertThat(joined(odice(1), 2, 1, 0, 0, 4)).containsExactly(3, -1, 0.5f, 3, 4);
    }

    @Test
    void aPenaltyAlongTheRewardVanishesWhateverItsSign() {
        for (float factor : new float[] {2, -0.5f}) {
            float[] parallel = new float[REWARD.length];
            for (int i = 0; i < parallel.length; i++) {
                parallel[i] = factor * REWARD[i];
            }
            assertThat(joined(odice(1), parallel)).containsExactly(REWARD, within(1e-6f));
            parameters.values().forEach(parameter -> accumulateMinus(parameter));
        }
    }

    private void accumulateMinus(NDArray parameter) {
        Scope.run(() -> Gradients.record(recording -> {
            recording.backward(
                    Kernels.scale(parameter, 1), parameter.getGradient().neg());
            return parameter;
        }));
    }

    /** The direction of the reward is as long as it was, for every eta. */
    @Test
    void itsShareInTheRewardsDirectionIsThatOfTheRewardAlone() {
        double squared = dot(REWARD, REWARD);
        assertThat(dot(joined(odice(1), 0.3f, 5, -2, 1, 0.7f), REWARD)).isCloseTo(squared, within(1e-5));
    }

    @Test
    void withEtaZeroThereIsNoPenalty() {
        assertThat(joined(odice(0), 3, 1, 4, 1, 5)).containsExactly(REWARD);
    }

    @Test
    void withoutARewardThePenaltyStaysWhole() {
        PenaltyGradient.Factors factors = odice(0.5).factors(0, 0);
        assertThat(factors.policy()).isEqualTo(1);
        assertThat(factors.penalty()).isEqualTo(0.5);
        assertThatThrownBy(() -> new OrthogonalGradient.Config(-1)).hasMessageContaining("eta");
    }
}
