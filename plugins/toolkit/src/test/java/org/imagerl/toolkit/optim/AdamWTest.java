package org.imagerl.toolkit.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;

class AdamWTest {
    private static final AdamW.Settings SETTINGS = new AdamW.Settings(0.9, 0.999, 1e-8, 0, 0);

    private static void gradient(NDArray parameter, double... values) {
        Gradients.record(recording -> {
            try (NDArray cotangent = parameter.getManager().create(toFloats(values))) {
                recording.backward(Kernels.scale(parameter, 1), cotangent);
            }
            return "";
        });
    }

    private static float[] toFloats(double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static NDArray leaf(NDManager manager, float... values) {
        NDArray leaf = manager.create(values).duplicate();
        leaf.setRequiresGradient(true);
        return leaf;
    }

    @Test
    void epsilonIsAddedAfterBiasCorrectionAsTorchDoes() {
        // djl.md 0.8: g = 1e-6, 3 steps at 0.1 from 1 give 0.7003 in torch and 0.7550 in DJL.
        try (NDManager manager = NDManager.newBaseManager()) {
            SortedMap<String, NDArray> parameters = new TreeMap<>();
            parameters.put("w", leaf(manager, 1));
            try (AdamW optimiser = new AdamW(SETTINGS, parameters, manager)) {
                for (int i = 0; i < 3; i++) {
                    gradient(parameters.get("w"), 1e-6);
                    optimiser.step(0.1);
                }
            }
            double step = 0.1 * 1e-6 / (1e-6 + 1e-8);
            assertThat(parameters.get("w").getFloat()).isCloseTo((float) (1 - 3 * step), within(1e-5f));
        }
    }

    /** As if each had an optimiser of its own, whatever the order of names. */
    @Test
    void aFactorMultipliesTheLearningRateOfATensor() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SortedMap<String, NDArray> together = new TreeMap<>();
            SortedMap<String, NDArray> alone = new TreeMap<>();
            for (String name : List.of("a", "b", "c")) {
                together.put(name, leaf(manager, 1, -2));
            }
            alone.put("b", leaf(manager, 1, -2));
            AdamW.Settings settings = new AdamW.Settings(0.9, 0.99, 1e-8, 0.1, 0);
            try (AdamW grouped = new AdamW(settings, together, name -> name.equals("b") ? 10 : 1, manager);
                    AdamW single = new AdamW(settings, alone, manager)) {
                for (int i = 0; i < 3; i++) {
                    together.values().forEach(parameter -> gradient(parameter, 0.3, -0.1));
                    gradient(alone.get("b"), 0.3, -0.1);
                    grouped.step(0.01);
                    single.step(0.1);
                }
            }
            assertThat(together.get("b").toFloatArray())
                    .isEqualTo(alone.get("b").toFloatArray());
            assertThat(together.get("a").toFloatArray())
                    .isEqualTo(together.get("c").toFloatArray())
                    .isNotEqualTo(alone.get("b").toFloatArray());
        }
    }

    @Test
    void followsTheUpdateRuleWithDecayAndClipping() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SortedMap<String, NDArray> parameters = new TreeMap<>();
            parameters.put("a", leaf(manager, 0.5f, -1));
            parameters.put("b", leaf(manager, 2));
            AdamW.Settings settings = new AdamW.Settings(0.8, 0.95, 1e-6, 0.1, 1.0);
            double[] w = {0.5, -1, 2};
            double[] m = new double[3];
            double[] v = new double[3];
            try (AdamW optimiser = new AdamW(settings, parameters, manager)) {
                for (int t = 1; t <= 5; t++) {
                    double[] g = {3 * t, -4.0, 12.0 / t};
                    gradient(parameters.get("a"), g[0], g[1]);
                    gradient(parameters.get("b"), g[2]);
                    double norm = Math.sqrt(g[0] * g[0] + g[1] * g[1] + g[2] * g[2]);
                    assertThat(optimiser.step(0.01).gradNorm()).isCloseTo(norm, within(1e-5 * norm));
                    for (int i = 0; i < 3; i++) {
                        double clipped = g[i] / (norm + 1e-6);
                        m[i] = 0.8 * m[i] + 0.2 * clipped;
                        v[i] = 0.95 * v[i] + 0.05 * clipped * clipped;
                        w[i] -= 0.01 * 0.1 * w[i];
                        w[i] -= 0.01
                                * (m[i] / (1 - Math.pow(0.8, t)))
                                / (Math.sqrt(v[i] / (1 - Math.pow(0.95, t))) + 1e-6);
                    }
                }
            }
            assertThat(parameters.get("a").toFloatArray()).containsExactly(toFloats(w[0], w[1]), within(2e-6f));
            assertThat(parameters.get("b").getFloat()).isCloseTo((float) w[2], within(2e-6f));
        }
    }

    @Test
    void aGradientThatIsNotFiniteChangesNothing() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SortedMap<String, NDArray> parameters = new TreeMap<>();
            parameters.put("w", leaf(manager, 1));
            try (AdamW optimiser = new AdamW(SETTINGS, parameters, manager)) {
                gradient(parameters.get("w"), Double.NaN);
                assertThat(optimiser.step(0.1).skipped()).isTrue();
                assertThat(parameters.get("w").getFloat()).isEqualTo(1);
                gradient(parameters.get("w"), 1);
                assertThat(optimiser.step(0.1).skipped()).isFalse();
                assertThat(parameters.get("w").getFloat()).isCloseTo(0.9f, within(1e-6f));
            }
        }
    }

    @Test
    void stepsLeaveNoArraysBehind() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SortedMap<String, NDArray> parameters = new TreeMap<>();
            parameters.put("w", leaf(manager, 1));
            try (AdamW optimiser = new AdamW(SETTINGS, parameters, manager);
                    Ema ema = new Ema(0.9, parameters, manager)) {
                int before = manager.getManagedArrays().size();
                optimiser.step(0.1);
                ema.update();
                ema.with(() -> "");
                assertThat(manager.getManagedArrays()).hasSize(before);
            }
        }
    }

    @Test
    void theAverageFollowsItsWarmUpAndSwapsInAndOut() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SortedMap<String, NDArray> parameters = new TreeMap<>();
            parameters.put("w", leaf(manager, 0));
            try (Ema ema = new Ema(0.3, parameters, manager)) {
                double expected = 0;
                for (int k = 0; k < 6; k++) {
                    Gradients.off(() -> parameters.get("w").addi(1));
                    double decay = Math.min((1.0 + k) / (10 + k), 0.3);
                    assertThat(ema.nextDecay()).isEqualTo(decay);
                    ema.update();
                    expected = decay * expected + (1 - decay) * (k + 1);
                }
                float average = ema.with(() -> parameters.get("w").getFloat());
                assertThat(average).isCloseTo((float) expected, within(1e-5f));
                assertThat(parameters.get("w").getFloat()).isEqualTo(6);
            }
        }
    }

    @Test
    void warmUpAndDecayFollowTheirFormulas() {
        LearningRate cosine = new LearningRate(1, LearningRate.Shape.COSINE, 2, 12);
        assertThat(cosine.at(0)).isEqualTo(0.5);
        assertThat(cosine.at(2)).isEqualTo(1);
        assertThat(cosine.at(7)).isCloseTo(0.5, within(1e-12));
        assertThat(cosine.at(12)).isCloseTo(0, within(1e-12));
        assertThat(new LearningRate(1, LearningRate.Shape.LINEAR, 0, 10).at(5)).isEqualTo(0.5);
        assertThat(new LearningRate(1, LearningRate.Shape.CONSTANT, 0, 10).at(500))
                .isEqualTo(1);
    }
}
