package org.imagerl.flow.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.recipe.PredictionError;
import org.junit.jupiter.api.Test;

/** What an error of the output is worth, by what the model predicts. */
class NoisedImagesTest {

    private static NoisedImages noised(NDManager manager, AlphaSigma noising) {
        NDArray zero = manager.zeros(new Shape(1, 1, 1, 2));
        return new NoisedImages(zero, new double[] {0}, zero, List.of(noising));
    }

    private static double clean(double onX0, double onEps) {
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            NoisedImages noised = noised(manager, new AlphaSigma(0.8, 0.6, onX0, onEps));
            return noised.cleanError(manager.ones(new Shape(1, 1, 1, 2))).toDoubleArray()[1];
        }
    }

    @Test
    void anErrorOfTheOutputIsOneOfTheCleanLatents() {
        assertThat(clean(-1, 1)).isCloseTo(-0.6 / 1.4, within(1e-12));
        assertThat(clean(0, 1)).isCloseTo(-0.6 / 0.8, within(1e-12));
        assertThat(clean(-0.6, 0.8)).isCloseTo(-0.6, within(1e-12));
        assertThat(clean(1, 0)).isCloseTo(1, within(1e-12));
    }

    @Test
    void predictedNoiseSaysNothingOfTheCleanLatentsAtPureNoise() {
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            NoisedImages pure = noised(manager, new AlphaSigma(0, 1, 0, 1));
            NDArray output = manager.ones(new Shape(1, 1, 1, 2));
            assertThatThrownBy(() -> pure.cleanError(output))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("leave that time out");
            assertThatThrownBy(() -> pure.velocityError(output)).isInstanceOf(UserException.class);
            assertThat(pure.errors(output, PredictionError.OUTPUT).toDoubleArray())
                    .containsExactly(1.0);
        }
    }
}
