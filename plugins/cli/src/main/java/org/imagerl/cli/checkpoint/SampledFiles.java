package org.imagerl.cli.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.io.Sha256;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.jspecify.annotations.Nullable;

/**
 * The files that images are made with, as one line of names and SHA-256 hashes without folders: a later run of the
 * command recognises its images by it.
 */
final class SampledFiles {
    private SampledFiles() {}

    /**
     * One line for these files: a checkpoint is identified by its {@link CheckpointDigest}, other files by all their
     * bytes.
     *
     * @param layouts of adapters that are known
     * @param components that are taken from elsewhere, by name
     * @param augmentation what the checkpoint is conditioned on beside the prompt, or null
     * @param images that images begin with
     */
    static String of(
            Path checkpoint,
            Map<String, Path> components,
            LoraFiles layouts,
            List<LoraArgument> loras,
            @Nullable Augmentation augmentation,
            List<Path> images) {
        List<String> texts = new ArrayList<>();
        String digest = CheckpointDigest.of(checkpoint);
        if (!digest.isEmpty()) {
            texts.add("checkpoint " + digest);
        }
        components.forEach((name, path) -> texts.add(name + " " + CheckpointDigest.ofComponent(path)));
        loras.forEach(lora -> layouts.files(lora.path()).forEach(file -> texts.add(text("lora", file))));
        if (augmentation != null) {
            augmentation.files().forEach(file -> texts.add(text("augmentation", file)));
        }
        images.forEach(file -> texts.add(text("image", file)));
        return String.join(", ", texts);
    }

    private static String text(String what, Path file) {
        return what + " " + file.getFileName() + " " + Sha256.of(file);
    }
}
