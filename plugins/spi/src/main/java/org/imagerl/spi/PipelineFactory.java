package org.imagerl.spi;

import java.nio.file.Path;

/** Opens checkpoint folders of one family. */
public interface PipelineFactory {

    /** Kebab-case name of the family: {@code stable-diffusion}. */
    String name();

    /** What it is, in one line. */
    String description();

    /** Whether the folder is a checkpoint of this family. Reads no weights; false for anything that is no checkpoint. */
    boolean recognises(Path folder);

    /**
     * Loads a checkpoint.
     *
     * @throws UserException naming the file and key if something is missing, malformed or not supported
     */
    Pipeline open(Path folder, Options options);

    /**
     * How to load.
     *
     * @param dtype of the weights and activations: {@code float32} or {@code float16}
     * @param checkpointing whether the denoiser recomputes its segments in the backward pass instead of storing them
     */
    record Options(String dtype, boolean checkpointing, Context context) {}
}
