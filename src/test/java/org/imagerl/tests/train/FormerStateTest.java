package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.toolkit.nn.TensorFiles;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** State files as they were before every part had a name in them. */
class FormerStateTest {
    private static final String[] SETTINGS = {
        "optimiser.ema_decay=0.9",
        "algorithm=awm",
        "algorithm.likelihood={type: matching, draws: 1}",
        "rollout.steps=4",
        "algorithm.advantage=per-prompt",
        "evaluation=",
        "samples={prompts: 1, seeds: [0]}"
    };

    @TempDir
    private Path scratch;

    @Test
    void aRunWithSuchACheckpointGoesOnToTheBit() throws IOException {
        TinyRun uninterrupted = new TinyRun(scratch.resolve("whole"), SETTINGS);
        uninterrupted.start();
        TinyRun run = new TinyRun(scratch.resolve("stopped"), SETTINGS);
        run.start(TinyRun.stopAfter(1));
        rename(run.step("checkpoints", 1));
        assertThat(run.resume(TinyRun.stopAfter(9)).finished()).isTrue();
        run.requireSameFile(uninterrupted, "pytorch_lora_weights.safetensors");
        run.requireSameFile(uninterrupted, "checkpoints/step-000000002/trainer.safetensors");
        run.requireSameFile(uninterrupted, "checkpoints/step-000000002/state.json");
    }

    private static void rename(Path checkpoint) throws IOException {
        Path numbers = checkpoint.resolve("state.json");
        JsonNode parts = JsonMapper.shared().readTree(Files.readString(numbers)).get("parts");
        Map<String, Object> former = new TreeMap<>();
        former.put("epoch", 1);
        former.put("updates", count(parts, "policy.optimiser", "steps"));
        former.put("emaUpdates", count(parts, "policy.average", "updates"));
        former.put("trailingUpdates", count(parts, "policy.weights", "updates"));
        former.put("advantage", parts.get("algorithm.advantage"));
        Files.writeString(numbers, JsonMapper.shared().writeValueAsString(former));
        Path tensors = checkpoint.resolve("trainer.safetensors");
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            Map<String, NDArray> renamed = new TreeMap<>();
            try (SafetensorsFile file = SafetensorsFile.open(tensors)) {
                file.entries()
                        .forEach(entry -> renamed.put(
                                former(entry.name()), manager.create(file.floats(entry.name()), entry.shape())));
            }
            assertThat(renamed.keySet()).anyMatch(name -> name.startsWith("trailing."));
            TensorFiles.save(tensors, renamed, Map.of("epoch", "1"));
        }
        Files.delete(checkpoint.resolve("files")); // which has the sizes of the files
    }

    private static long count(JsonNode parts, String part, String name) {
        return (long) parts.get(part).get(name).get(0).asDouble();
    }

    private static String former(String tensor) {
        return tensor.replace("policy.weights.live.", "parameter.")
                .replace("policy.weights.ema.", "trailing.")
                .replace("policy.average.", "average.")
                .replace("policy.optimiser.", "");
    }
}
