package org.imagerl.diffusion.schedule;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Scheduler configurations for tests. */
final class Schedulers {
    static final String STABLE_DIFFUSION = """
            "_class_name": "DDIMScheduler", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
            "set_alpha_to_one": false, "steps_offset": 1, "clip_sample": false""";

    private Schedulers() {}

    /** Reads the JSON object of these entries as if it stood in a file. */
    static SchedulerConfig read(String entries) {
        try {
            Path file = Files.createTempFile("scheduler_config", ".json");
            try {
                return SchedulerConfig.read(Files.writeString(file, "{" + entries + "}"));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The same of a JSON object. */
    static SchedulerConfig readObject(String json) {
        return read(json.strip().substring(1, json.strip().length() - 1));
    }
}
