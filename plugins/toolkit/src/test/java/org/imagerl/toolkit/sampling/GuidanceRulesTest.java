package org.imagerl.toolkit.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.imagerl.spi.Guidance;
import org.imagerl.testkit.GuidanceContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class GuidanceRulesTest {

    @Nested
    class ClassifierFree extends GuidanceContract {
        @Override
        protected Guidance create() {
            return new ClassifierFreeGuidance();
        }
    }

    @Nested
    class Interval extends GuidanceContract {
        @Override
        protected Guidance create() {
            return new IntervalGuidance(new IntervalGuidance.Config(0.2, 0.8));
        }
    }

    @Nested
    class Rescaled extends GuidanceContract {
        @Override
        protected Guidance create() {
            return new RescaledGuidance(new RescaledGuidance.Config(0.7));
        }
    }

    /** The paper's equations in float64, with the unbiased deviation of the published code. */
    @Test
    void rescaledGuidanceIsThatOfItsPaper() {
        float[] negative = {0.5f, -1, 0.25f, 2};
        float[] positive = {1, -0.5f, 0.75f, 1};
        double[] guided = new double[4];
        Arrays.setAll(guided, i -> negative[i] + 4.0 * (positive[i] - negative[i]));
        double[] prompt = new double[4];
        Arrays.setAll(prompt, i -> positive[i]);
        double factor = 0.7 * deviation(prompt) / deviation(guided) + 0.3;
        try (NDManager manager = NDManager.newBaseManager()) {
            float[] made = new RescaledGuidance(new RescaledGuidance.Config(0.7))
                    .output(
                            manager.create(negative, new Shape(1, 1, 2, 2)),
                            manager.create(positive, new Shape(1, 1, 2, 2)),
                            4)
                    .toFloatArray();
            for (int i = 0; i < made.length; i++) {
                assertThat((double) made[i]).isCloseTo(factor * guided[i], Offset.offset(1e-5));
            }
        }
    }

    private static double deviation(double... values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double sum = Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        return Math.sqrt(sum / (values.length - 1));
    }

    @Test
    void anIntervalHasAPlaceForTimes() {
        IntervalGuidance guidance = new IntervalGuidance(new IntervalGuidance.Config(0.25, 0.75));
        assertThat(guidance.guides(0.2)).isFalse();
        assertThat(guidance.guides(0.5)).isTrue();
        assertThat(guidance.guides(0.8)).isFalse();
        assertThatThrownBy(() -> new IntervalGuidance.Config(0.5, 0.5)).hasMessageContaining("from < to");
    }
}
