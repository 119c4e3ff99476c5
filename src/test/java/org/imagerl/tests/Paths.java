package org.imagerl.tests;

import java.nio.file.Path;

/** Where things lie in the project. */
public final class Paths {
    private Paths() {}

    /** A whole Stable Diffusion checkpoint with random weights and few layers: 32 x 32 images, latents of 4 x 16 x 16. */
    public static Path tinyCheckpoint() {
        return golden().resolve("pipelines/sd-small");
    }

    /** Another of three levels, which the adapters of golden/lora were trained on. */
    public static Path checkpointOfAdapters() {
        return golden().resolve("pipelines/sd-tiny");
    }

    /** The project's own copy of the golden numbers. */
    public static Path golden() {
        return Path.of(System.getProperty("project.root"), "src", "test", "resources", "golden");
    }
}
