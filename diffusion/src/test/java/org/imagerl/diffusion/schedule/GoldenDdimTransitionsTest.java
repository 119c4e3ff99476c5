package org.imagerl.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.imagerl.latent.testing.GoldenFolder;
import org.imagerl.latent.testing.TensorFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Log-densities and gradients of ddpo-pytorch, element by element in double. */
class GoldenDdimTransitionsTest {
    private static final double LOG_PROB_ABSOLUTE = 1e-4;
    private static final double GRADIENT_RELATIVE = 1e-3;

    @TestFactory
    Stream<DynamicTest> transitionsOfDdpo() throws IOException {
        return GoldenFolder.tests("rl/transitions.json", GoldenDdimTransitionsTest::checks);
    }

    private static Stream<DynamicTest> checks(Path file) throws IOException {
        JsonNode cases = new JsonMapper().readTree(Files.readAllBytes(file));
        TensorFile tensors = TensorFile.read(file.resolveSibling("transitions.safetensors"));
        return cases.propertyNames().stream()
                .filter(key -> key.startsWith("ddim."))
                .map(key -> dynamicTest(key, () -> check(key, cases.get(key), tensors)));
    }

    private static void check(String key, JsonNode entry, TensorFile tensors) {
        DdimStep step = step(entry);
        double[] x = tensors.floats(key + ".sample");
        double[] o = tensors.floats(key + ".model_output");
        double[] next = tensors.floats(key + ".prev_sample");
        double[] logProb = tensors.floats(key + ".log_prob");
        double[] gradient = new double[x.length];
        int d = x.length / logProb.length;
        for (int b = 0; b < logProb.length; b++) {
            double sum = 0;
            for (int i = b * d; i < (b + 1) * d; i++) {
                double z = (next[i] - step.mean(x[i], o[i])) / step.std();
                sum += -z * z / 2 - Math.log(step.std()) - Math.log(2 * Math.PI) / 2;
                gradient[i] = z / step.std() * step.meanSlope(x[i], o[i]) / d;
            }
            assertThat(sum / d).as("log prob of sample %d", b).isCloseTo(logProb[b], within(LOG_PROB_ABSOLUTE));
        }
        assertClose(gradient, tensors.floats(key + ".grad_model_output"));
    }

    private static DdimStep step(JsonNode entry) {
        SchedulerConfig config = Schedulers.readObject(entry.get("scheduler").toString());
        int index = entry.get("step_index").intValue();
        int steps = entry.get("num_inference_steps").intValue();
        DdimGrid grid = DdimGrid.of(config, NoiseSchedule.of(config), steps, LastStep.TIMESTEP_ZERO);
        assertThat(grid.timestep(index)).isEqualTo(entry.get("timestep").intValue());
        return DdimStep.of(grid, index, config, entry.get("eta").doubleValue());
    }

    private static void assertClose(double[] actual, double[] expected) {
        double reference = 0;
        int worst = 0;
        for (int i = 0; i < expected.length; i++) {
            reference = Math.max(reference, Math.abs(expected[i]));
            worst = Math.abs(actual[i] - expected[i]) > Math.abs(actual[worst] - expected[worst]) ? i : worst;
        }
        assertThat(reference).as("largest expected gradient").isPositive();
        assertThat(actual[worst])
                .as("gradient at flat index %d, the worst", worst)
                .isCloseTo(expected[worst], within(GRADIENT_RELATIVE * reference));
    }
}
