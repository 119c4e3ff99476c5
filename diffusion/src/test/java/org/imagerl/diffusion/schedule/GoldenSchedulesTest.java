package org.imagerl.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.latent.testing.GoldenFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Timesteps and cumulative products of diffusers' DDIMScheduler, and the cumulative products of its other classes. */
class GoldenSchedulesTest {
    private static final double RELATIVE = 1e-6;

    /** Of so many timesteps one is in a case. */
    private static final int STRIDE = 37;

    @TestFactory
    Stream<DynamicTest> schedulesOfDiffusers() throws IOException {
        return GoldenFolder.tests("schedules/schedules.json", this::checks);
    }

    private Stream<DynamicTest> checks(Path file) throws IOException {
        JsonNode cases = new JsonMapper().readTree(Files.readAllBytes(file));
        List<JsonNode> ddim = cases.valueStream().filter(this::isDdim).toList();
        List<JsonNode> noise = cases.valueStream()
                .filter(entry -> entry.get("scheduler").stringValue().equals("noise"))
                .toList();
        String others = cases.size() - ddim.size() - noise.size() + " cases of other schedulers are not of this module";
        return Stream.concat(
                Stream.concat(ddim.stream().map(this::check), noise.stream().map(this::checkNoise)),
                Stream.of(dynamicTest(others, () -> Assumptions.abort(others))));
    }

    private boolean isDdim(JsonNode entry) {
        return entry.get("scheduler").stringValue().equals("DDIMScheduler");
    }

    private DynamicTest checkNoise(JsonNode entry) {
        String config = entry.get("config").toString();
        return dynamicTest(config.substring(0, Math.min(150, config.length())), () -> {
            NoiseSchedule schedule = NoiseSchedule.of(Schedulers.readObject(config));
            JsonNode expected = entry.get("alphas_cumprod");
            for (int i = 0; i < expected.size(); i++) {
                double wanted = expected.get(i).doubleValue();
                assertThat(schedule.at(i * STRIDE).alphaBar())
                        .as("alphaBar of timestep %d", i * STRIDE)
                        .isCloseTo(wanted, within(RELATIVE * wanted));
            }
        });
    }

    private DynamicTest check(JsonNode entry) {
        int steps = entry.get("num_inference_steps").intValue();
        return dynamicTest(entry.get("config") + " " + steps, () -> {
            SchedulerConfig config = Schedulers.readObject(entry.get("config").toString());
            NoiseSchedule schedule = NoiseSchedule.of(config);
            DdimGrid grid = DdimGrid.of(config, schedule, steps, LastStep.SCHEDULE_END);
            JsonNode timesteps = entry.get("timesteps");
            assertThat(grid.steps()).isEqualTo(timesteps.size());
            for (int i = 0; i < steps; i++) {
                assertThat(grid.timestep(i))
                        .as("timestep %d", i)
                        .isEqualTo(timesteps.get(i).intValue());
                double expected =
                        entry.get("alphas_cumprod_at_timesteps").get(i).doubleValue();
                assertThat(grid.from(i).alphaBar())
                        .as("alphaBar of step %d", i)
                        .isCloseTo(expected, within(RELATIVE * expected));
            }
            double end = entry.get("final_alpha_cumprod").doubleValue();
            assertThat(schedule.end().alphaBar()).isCloseTo(end, within(RELATIVE * end));
        });
    }
}
