package org.imagerl.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.IoProblems;

/** Finds the LoRA of a run. */
final class RunLora {
    private static final String EXPORTED = "pytorch_lora_weights.safetensors";
    private static final String CONTROLS = "control.safetensors";

    private RunLora() {}

    /**
     * What a run exported at its end; of an unfinished run, what its newest checkpoint has; any other path as it is.
     *
     * @throws UserException if there is nothing, or nothing yet
     */
    static Path find(Path source) {
        if (!Files.exists(source)) {
            throw UserException.input(source + ": there is no such file or folder");
        }
        if (!Files.isRegularFile(source.resolve("config.yaml")) || Files.exists(source.resolve(EXPORTED))) {
            return source;
        }
        Path latest = source.resolve("latest");
        if (!Files.exists(latest)) {
            throw UserException.input(source + ": this run has no checkpoint yet");
        }
        try {
            return source.resolve("checkpoints")
                    .resolve(Files.readString(latest).strip());
        } catch (IOException e) {
            throw IoProblems.reading(latest, e);
        }
    }

    /**
     * Whether the LoRA of a folder was trained with embeddings of controls, which a LoRA file has no place for.
     *
     * @param lora what {@link #find} found
     */
    static boolean needsControls(Path lora) {
        return Files.isRegularFile(lora.resolve(CONTROLS));
    }
}
