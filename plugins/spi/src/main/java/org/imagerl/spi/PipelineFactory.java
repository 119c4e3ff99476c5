package org.imagerl.spi;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

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
     * Checks whether {@link #open} would load a checkpoint, without reading its weights: descriptions, tokenizers, and the names and shapes of
     * weights. A family that does not look says nothing.
     *
     * @throws UserException as {@link #open}
     */
    default void check(Path folder, Options options) {}

    /**
     * How to load.
     *
     * @param dtype of the weights and activations: {@code float32} or {@code float16}
     * @param checkpointing whether the denoiser recomputes its segments in the backward pass instead of storing them
     * @param model what the checkpoint leaves open
     */
    record Options(String dtype, boolean checkpointing, Model model, Context context) {
        /** With the family's values for what the checkpoint leaves open. */
        public Options(String dtype, boolean checkpointing, Context context) {
            this(dtype, checkpointing, Model.USUAL, context);
        }
    }

    /**
     * What a checkpoint leaves open. A family refuses a value that its models have no use for.
     *
     * @param embeddedGuidance the guidance scale that a model distilled from guidance is conditioned on (FLUX.1 dev); null for the family's usual
     *     one
     * @param textTokens tokens of a prompt, for text encoders that take any number (T5); null for the family's usual number
     */
    record Model(
            @Nullable Double embeddedGuidance, @Nullable Integer textTokens) {
        /** All as the family usually has it. */
        public static final Model USUAL = new Model(null, null);
    }
}
