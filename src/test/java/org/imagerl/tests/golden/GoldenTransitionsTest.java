package org.imagerl.tests.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.diffusion.ddim.DiffusionSchedule;
import org.imagerl.diffusion.schedule.SchedulerConfig;
import org.imagerl.flow.dynamics.FlowSde;
import org.imagerl.flow.dynamics.Window;
import org.imagerl.flow.schedule.FlowSchedule;
import org.imagerl.flow.schedule.FlowSchedulerConfig;
import org.imagerl.flow.schedule.GridEnd;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.testkit.Golden;
import org.imagerl.tests.Close;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Log-densities and gradients of ddpo-pytorch and flow_grpo from the chains that rollouts and training use, on tensors. */
class GoldenTransitionsTest {
    private static final double LOG_PROB_ABSOLUTE = 1e-4;
    private static final double GRADIENT_RELATIVE = 1e-3;

    @TempDir
    Path scratch;

    @TestFactory
    List<DynamicTest> densitiesAndGradientsEqualThePublished() throws IOException {
        return Golden.tests("rl", folder -> {
            JsonNode cases = JsonMapper.shared().readTree(Files.readString(folder.resolve("transitions.json")));
            return cases.propertyNames().stream()
                    .map(key -> dynamicTest(key, () -> check(key, cases.get(key), folder)))
                    .toList();
        });
    }

    private void check(String key, JsonNode facts, Path folder) throws IOException {
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch");
                SafetensorsFile file = SafetensorsFile.open(folder.resolve("transitions.safetensors"))) {
            int step = facts.get("step_index").asInt();
            TransitionKernel kernel = kernel(facts);
            NDArray output = tensor(manager, file, key + ".model_output");
            output.setRequiresGradient(true);
            NDArray next = tensor(manager, file, key + ".prev_sample");
            NDArray density = Gradients.record(recording -> {
                NDArray mean = kernel.mean(step, tensor(manager, file, key + ".sample"), output);
                NDArray made = TransitionLikelihood.logDensity(next, mean, kernel.std(step));
                recording.backward(made, made.onesLike());
                return made.stopGradient();
            });
            requireDensities(density.toFloatArray(), file.floats(key + ".log_prob"));
            float[] gradient = file.floats(key + ".grad_model_output");
            Close.require("gradient", output.getGradient().toFloatArray(), gradient, GRADIENT_RELATIVE);
        }
    }

    private TransitionKernel kernel(JsonNode facts) throws IOException {
        Path config = scratch.resolve("scheduler_config.json");
        Files.writeString(config, facts.get("scheduler").toString());
        int steps = facts.get("num_inference_steps").asInt();
        int step = facts.get("step_index").asInt();
        return facts.has("eta") ? ddim(facts, config, steps, step) : flow(facts, config, steps, step);
    }

    private static TransitionKernel ddim(JsonNode facts, Path config, int steps, int step) {
        DdimDynamics dynamics =
                new DdimDynamics(new DdimDynamics.Config(facts.get("eta").asDouble()));
        TransitionKernel kernel = dynamics.kernel(DiffusionSchedule.of(SchedulerConfig.read(config)), steps);
        assertThat(kernel.timestep(step)).isEqualTo(facts.get("timestep").asDouble());
        return kernel;
    }

    private static TransitionKernel flow(JsonNode facts, Path config, int steps, int step) {
        FlowSde.Config noise = new FlowSde.Config(facts.get("noise_level").asDouble(), new Window.All(), false);
        FlowSchedule schedule = FlowSchedule.of(FlowSchedulerConfig.read(config), 1, GridEnd.TRAINED);
        TransitionKernel kernel = FlowSde.dynamics(noise).kernel(schedule, steps);
        double sigma = facts.get("sigma").asDouble();
        assertThat(kernel.timestep(step) / 1000).isCloseTo(sigma, within(1e-6));
        assertThat(sigma - kernel.stepSize(step))
                .isCloseTo(facts.get("sigma_next").asDouble(), within(1e-6));
        return kernel;
    }

    private static NDArray tensor(NDManager manager, SafetensorsFile file, String name) {
        // A copy has native storage.
        try (NDArray buffered =
                manager.create(file.floats(name), file.entry(name).shape())) {
            return buffered.duplicate();
        }
    }

    private static void requireDensities(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).as("log density of sample %d", i).isCloseTo(expected[i], within((float)
                    LOG_PROB_ABSOLUTE));
        }
    }
}
