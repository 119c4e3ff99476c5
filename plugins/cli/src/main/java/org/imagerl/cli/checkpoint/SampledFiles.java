package org.imagerl.cli.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.io.Sha256;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.jspecify.annotations.Nullable;

/** The files that images are made with, to know them again: one line of names and SHA-256, without the places where they lie. */
final class SampledFiles {
    private SampledFiles() {}

    /**
     * Of a checkpoint what {@link CheckpointDigest} sees, the others to the bit.
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
