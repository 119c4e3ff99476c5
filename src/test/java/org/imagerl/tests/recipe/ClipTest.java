package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.imagerl.spi.TrustRegion;
import org.imagerl.toolkit.recipe.RatioClip;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which updates PPO's clip stops: two of the four corners. */
class ClipTest {
    private static final double RANGE = 1e-4;
    private static final double BEYOND = 3e-4;
    private static final long ELEMENTS = 512;

    /** Ratio too high and too low, with a positive and with a negative advantage; and two inside. */
    private static final double[] LOG_RATIOS = {BEYOND, -BEYOND, BEYOND, -BEYOND, RANGE / 2, -RANGE / 2};

    private static final double[] ADVANTAGES = {2, 2, -2, -2, 2, -2};

    private final NDManager manager = NDManager.newBaseManager(null, "PyTorch");

    @AfterEach
    void close() {
        manager.close();
    }

    private record Result(float[] losses, float[] gradients, double clippedShare) {}

    private Result run(RatioClip.Config config) {
        NDArray logRatio = array(LOG_RATIOS);
        logRatio.setRequiresGradient(true);
        return Gradients.record(recording -> {
            TrustRegion.Surrogate surrogate =
                    new RatioClip(config).surrogate(new TrustRegion.Pass(logRatio, array(ADVANTAGES), ELEMENTS));
            recording.backward(surrogate.loss().sum());
            return new Result(
                    surrogate.loss().stopGradient().toFloatArray(),
                    logRatio.getGradient().toFloatArray(),
                    surrogate.clippedShare());
        });
    }

    private NDArray array(double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        // A copy has native storage.
        return manager.create(floats, new Shape(floats.length)).duplicate();
    }

    @Test
    void onlyWhatMovesFurtherIsStopped() {
        Result result = run(new RatioClip.Config(RANGE, null));
        for (int i = 0; i < LOG_RATIOS.length; i++) {
            boolean further = ADVANTAGES[i] > 0 ? LOG_RATIOS[i] > RANGE : LOG_RATIOS[i] < -RANGE;
            float expected = further ? 0 : (float) (-ADVANTAGES[i] * Math.exp(LOG_RATIOS[i]));
            assertThat(result.gradients[i])
                    .as("gradient at log ratio %s with advantage %s", LOG_RATIOS[i], ADVANTAGES[i])
                    .isEqualTo(expected);
        }
        assertThat(result.clippedShare).isEqualTo(2.0 / 6);
    }

    @Test
    void aBandOfTheTotalLogDensityIsARangeTimesTheElements() {
        Result range = run(new RatioClip.Config(RANGE, null));
        Result band = run(new RatioClip.Config(null, RANGE * ELEMENTS));
        assertThat(band.losses).containsExactly(range.losses);
        assertThat(band.gradients).containsExactly(range.gradients);
        assertThat(band.clippedShare).isEqualTo(range.clippedShare);
        assertThat(new RatioClip(new RatioClip.Config(null, 2.0)).range(16_384)).isEqualTo(2.0 / 16_384);
    }

    @Test
    void oneOfTheTwoMustBeGiven() {
        assertThatThrownBy(() -> new RatioClip.Config(null, null)).hasMessageContaining("either range");
        assertThatThrownBy(() -> new RatioClip.Config(1e-4, 2.0)).hasMessageContaining("either range");
        assertThatThrownBy(() -> new RatioClip.Config(0.0, null)).hasMessageContaining("above 0");
        assertThatThrownBy(() -> new RatioClip.Config(null, Double.NaN)).hasMessageContaining("above 0");
    }
}
