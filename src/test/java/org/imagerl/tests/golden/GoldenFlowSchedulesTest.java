package org.imagerl.tests.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.flow.schedule.FlowSchedule;
import org.imagerl.flow.schedule.FlowSchedulerConfig;
import org.imagerl.flow.schedule.GridEnd;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.testkit.Golden;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Times of diffusers' FlowMatchEulerDiscreteScheduler, and the shift that follows from the size of the image. */
class GoldenFlowSchedulesTest {
    private static final double RELATIVE = 1e-6;

    @TempDir
    Path scratch;

    @TestFactory
    List<DynamicTest> timesEqualThoseOfDiffusers() throws IOException {
        return Golden.tests(
                "schedules",
                folder -> JsonMapper.shared()
                        .readTree(Files.readString(folder.resolve("schedules.json")))
                        .valueStream()
                        .filter(golden -> golden.get("scheduler").asString().equals("FlowMatchEulerDiscreteScheduler"))
                        .map(golden -> dynamicTest(
                                golden.get("config") + " " + golden.get("num_inference_steps") + " steps",
                                () -> check(golden)))
                        .toList());
    }

    /** A case with an image sequence is one of FLUX's, whose pipeline ends grids at 1 / N. */
    private void check(JsonNode golden) throws IOException {
        Path file = scratch.resolve("scheduler_config.json");
        Files.writeString(file, golden.get("config").toString());
        FlowSchedulerConfig config = FlowSchedulerConfig.read(file);
        assertThat(config.warnings()).isEmpty();
        boolean sized = !golden.get("image_seq_len").isNull();
        int tokens = sized ? golden.get("image_seq_len").asInt() : 1;
        FlowSchedule schedule = FlowSchedule.of(config, tokens, sized ? GridEnd.ONE_STEP : GridEnd.TRAINED);
        config.dynamic()
                .ifPresent(dynamic ->
                        requireClose("mu", dynamic.mu(tokens), golden.get("mu").asDouble()));
        int steps = golden.get("num_inference_steps").asInt();
        double[] times = schedule.times(steps);
        JsonNode sigmas = golden.get("sigmas");
        assertThat(times).hasSize(sigmas.size());
        for (int i = 0; i < times.length; i++) {
            requireClose("time " + i, times[i], sigmas.get(i).asDouble());
        }
        TransitionKernel kernel = new OdeDynamics().kernel(schedule, steps);
        JsonNode timesteps = golden.get("timesteps");
        assertThat(kernel.steps()).isEqualTo(timesteps.size());
        for (int i = 0; i < steps; i++) {
            requireClose("timestep " + i, kernel.timestep(i), timesteps.get(i).asDouble());
        }
    }

    private static void requireClose(String what, double actual, double expected) {
        assertThat(actual).as(what).isCloseTo(expected, within(RELATIVE * Math.abs(expected)));
    }
}
