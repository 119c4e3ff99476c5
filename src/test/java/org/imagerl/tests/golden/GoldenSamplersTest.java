package org.imagerl.tests.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.diffusion.ddim.DiffusionSchedule;
import org.imagerl.diffusion.ddim.EulerDynamics;
import org.imagerl.diffusion.schedule.SchedulerConfig;
import org.imagerl.diffusion.solver.DpmSolver2M;
import org.imagerl.diffusion.solver.UniPc;
import org.imagerl.flow.dynamics.FlowEuler;
import org.imagerl.flow.dynamics.FlowHeun;
import org.imagerl.flow.schedule.FlowSchedule;
import org.imagerl.flow.schedule.FlowSchedulerConfig;
import org.imagerl.flow.schedule.GridEnd;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Mixture;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.testkit.Golden;
import org.imagerl.tests.Close;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every state of the samplers equals what diffusers' schedulers give the same denoiser, a formula, from the same noise. */
class GoldenSamplersTest {
    /** Of the largest value: diffusers computes the coefficients of multistep solvers in float32, and their errors add up. */
    private static final double STATES = 1e-4;

    private static final double TIMESTEPS = 1e-3;

    private static final Map<String, Dynamics> DYNAMICS = Map.of(
            "DDIMScheduler", new DdimDynamics(new DdimDynamics.Config(0)),
            "EulerDiscreteScheduler", EulerDynamics.plain(new EulerDynamics.Config(null, null, null)),
            "EulerAncestralDiscreteScheduler", EulerDynamics.ancestral(new EulerDynamics.AncestralConfig(null)),
            "DPMSolverMultistepScheduler", new DpmSolver2M(new DpmSolver2M.Config(null, null, null, null, null)),
            "UniPCMultistepScheduler", new UniPc(new UniPc.Config(null, null, null, null, null)),
            "FlowMatchEulerDiscreteScheduler", new FlowEuler(),
            "FlowMatchHeunDiscreteScheduler", new FlowHeun());

    @TempDir
    Path scratch;

    @TestFactory
    List<DynamicTest> statesEqualThoseOfDiffusers() throws IOException {
        return Golden.tests("samplers", folder -> {
            JsonNode cases = JsonMapper.shared().readTree(Files.readString(folder.resolve("samplers.json")));
            Path states = folder.resolve("states.safetensors");
            return cases.valueStream()
                    .map(golden -> dynamicTest(
                            golden.get("id").asString() + " " + golden.get("config"), () -> check(golden, states)))
                    .toList();
        });
    }

    private void check(JsonNode golden, Path states) throws IOException {
        TransitionKernel kernel = DYNAMICS.get(golden.get("scheduler").asString())
                .kernel(schedule(golden), golden.get("num_inference_steps").asInt());
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch");
                SafetensorsFile file = SafetensorsFile.open(states)) {
            Given given = new Given(manager, file, golden.get("id").asString());
            requireTimesteps(kernel, golden.get("begin").asInt(), given.floats("timesteps"));
            float[] actual = Gradients.off(() -> walk(kernel, golden, given));
            Close.require("states", actual, given.floats("states"), STATES);
        }
    }

    private Schedule schedule(JsonNode golden) throws IOException {
        Path file = scratch.resolve("scheduler_config.json");
        Files.writeString(file, golden.get("config").toString());
        return golden.get("scheduler").asString().startsWith("FlowMatch")
                ? FlowSchedule.of(FlowSchedulerConfig.read(file), 1, GridEnd.TRAINED)
                : DiffusionSchedule.of(SchedulerConfig.read(file));
    }

    private static void requireTimesteps(TransitionKernel kernel, int begin, float... expected) {
        assertThat(kernel.steps() - begin).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(kernel.timestep(begin + i)).as("timestep %d", i).isCloseTo(expected[i], within(TIMESTEPS));
        }
    }

    /** What the denoiser is given at every call, and the end. */
    private static float[] walk(TransitionKernel kernel, JsonNode golden, Given given) {
        int begin = golden.get("begin").asInt();
        Mixture mixture = kernel.mixture(begin);
        NDArray noise = given.tensor("start");
        NDArray noises = given.tensor("noises");
        NDArray latents = begin == 0
                ? Kernels.scale(noise, kernel.startStd())
                : Kernels.combine(given.tensor("clean"), mixture.alpha(), noise, mixture.sigma());
        List<NDArray> history = List.of();
        List<NDArray> states = new ArrayList<>(List.of(latents));
        int drawn = 0;
        for (int step = begin; step < kernel.steps(); step++) {
            NDArray output = output(golden, latents, kernel.timestep(step) / 1000);
            TransitionKernel.Advance advance = kernel.advance(step, latents, output, history);
            history = advance.history();
            latents = Kernels.combine(advance.mean(), 1, noises.get(drawn), kernel.std(step));
            drawn += kernel.std(step) > 0 ? 1 : 0;
            states.add(latents);
        }
        float[] all = new float[states.size() * (int) latents.size()];
        for (int i = 0; i < states.size(); i++) {
            float[] one = states.get(i).toFloatArray();
            System.arraycopy(one, 0, all, i * one.length, one.length);
        }
        return all;
    }

    private static NDArray output(JsonNode golden, NDArray x, double time) {
        JsonNode formula = golden.get("denoiser");
        NDArray smooth = Kernels.combine(
                x,
                formula.get("linear").asDouble(),
                Kernels.scale(x, 2).sin(),
                formula.get("sine").asDouble());
        return Kernels.shift(smooth, formula.get("time").asDouble() * time);
    }

    private record Given(NDManager manager, SafetensorsFile file, String id) {
        float[] floats(String name) {
            return file.floats(id + "." + name);
        }

        NDArray tensor(String name) {
            // A copy has native storage.
            try (NDArray buffered =
                    manager.create(floats(name), file.entry(id + "." + name).shape())) {
                return buffered.duplicate();
            }
        }
    }
}
