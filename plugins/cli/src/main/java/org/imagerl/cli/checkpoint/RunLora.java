package org.imagerl.cli.checkpoint;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import org.imagerl.config.registry.CheckpointPath;
import org.imagerl.spi.UserException;
import org.imagerl.training.run.Checkpoints;
import org.imagerl.training.run.RunFolder;

/** Finds the LoRA of a run. */
final class RunLora {
    private static final String EXPORTED = "pytorch_lora_weights.safetensors";
    private static final String CONTROLS = "control.safetensors";

    private RunLora() {}

    /**
     * Whether a folder is a run, and not one of its checkpoints or an adapter.
     *
     * @throws UserException if it is one whose configuration is no regular file
     */
    static boolean isRun(Path folder) {
        boolean run = Files.exists(folder.resolve("config.yaml"), LinkOption.NOFOLLOW_LINKS);
        if (run) {
            RunFolder.configOf(folder);
        }
        return run;
    }

    /**
     * Finds the LoRA of a run: that of its best checkpoint, of the newest one if none was evaluated, or the export at
     * its end if it has no checkpoints any more. Any other path is returned as it is.
     *
     * @throws UserException if there is nothing, or nothing yet, or the run trained no LoRA
     */
    static Path find(Path source) {
        CheckpointPath.requireExisting(source);
        if (!isRun(source)) {
            return source;
        }
        Checkpoints checkpoints = Checkpoints.of(source);
        Optional<Path> found = checkpoints.best().or(checkpoints::latest);
        if (found.isEmpty() && hasLora(source)) {
            return source;
        }
        Path checkpoint = found.orElseThrow(() -> UserException.input(source + ": this run has no checkpoint yet"));
        if (!hasLora(checkpoint)) {
            throw UserException.input(source + ": this run trained whole weights, no LoRA; they are in " + checkpoint);
        }
        return checkpoint;
    }

    /** Why {@link #find} took this checkpoint of a run, in a few words. */
    static String why(Path run, Path taken) {
        return Checkpoints.of(run).best().filter(taken::equals).isPresent()
                ? "its best checkpoint"
                : "its newest checkpoint, as none was evaluated";
    }

    private static boolean hasLora(Path folder) {
        return Files.isRegularFile(folder.resolve(EXPORTED));
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
