package org.imagerl.spi;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Opens checkpoints of one family: folders, and single files. */
public interface PipelineFactory {

    /** Kebab-case name of the family: {@code stable-diffusion}. */
    String name();

    /** What it is, in one line. */
    String description();

    /**
     * Whether a folder or a file is a checkpoint of this family. Reads no weights; false for anything that is no checkpoint.
     *
     * @throws UserException for a damaged file, and for a checkpoint of this family that it cannot open, with the reason
     */
    boolean recognises(Path checkpoint);

    /**
     * What a file is that no family recognises, and what to do with it. It is asked of each family until one knows.
     *
     * @return goes on after "is "; quoted where it has words of the file; empty if the family does not know
     * @throws UserException for a damaged file
     */
    default Optional<String> identify(Path checkpoint) {
        return Optional.empty();
    }

    /**
     * Loads a checkpoint.
     *
     * @throws UserException naming the file and key if something is missing, malformed or not supported
     */
    Pipeline open(Path checkpoint, Options options);

    /**
     * Checks whether {@link #open} would load a checkpoint, without reading its weights: descriptions, tokenizers, and the names and shapes of
     * weights. A family that does not look says nothing.
     *
     * @throws UserException as {@link #open}
     */
    default void check(Path checkpoint, Options options) {
        check(checkpoint, options, outline -> {});
    }

    /**
     * The same, and a look at what the checkpoint says of itself. A family that does not look says nothing.
     *
     * @param look is called at most once, with what is closed when it returns
     * @throws UserException as {@link #open}, and from {@code look}
     */
    default void check(Path checkpoint, Options options, Consumer<CheckpointOutline> look) {}

    /**
     * How the files of a checkpoint hold its weights, without reading them.
     *
     * @return by component; empty if the family does not say
     * @throws UserException as {@link #open}
     */
    default Map<String, StoredWeights> stored(Path checkpoint, Options options) {
        return Map.of();
    }

    /**
     * The layers that an adapter may be for, without reading weights.
     *
     * @return path, such as {@code unet.mid_block.resnets.0.conv1}, to the shape of the weight; empty if the family does not say
     * @throws UserException as {@link #open}
     */
    default Map<String, Shape> layers(Path checkpoint, Options options) {
        return Map.of();
    }

    /**
     * How files hold the weights of a component.
     *
     * @param numbers how many
     * @param dtype the least that holds all of them as they are: {@code float32}, {@code float16}, {@code bfloat16} or {@code float8}, which is in
     *     files alone
     */
    record StoredWeights(long numbers, String dtype) {
        /** Of single precision; also what holds a mixture. */
        public static final String FLOAT32 = "float32";
        /** Of half precision. */
        public static final String FLOAT16 = "float16";
        /** With the range of float32 and 8 binary digits. */
        public static final String BFLOAT16 = "bfloat16";
        /** With 8 bits, with or without a factor. */
        public static final String FLOAT8 = "float8";
    }

    /**
     * How to load.
     *
     * @param dtypes of the weights and activations
     * @param memory what is traded for memory
     * @param model what the checkpoint leaves open
     */
    record Options(Dtypes dtypes, Memory memory, Model model, Context context) {
        /** With one dtype for all components. */
        public Options(String dtype, boolean checkpointing, Model model, Context context) {
            this(Dtypes.all(dtype), Memory.NONE.withCheckpointing(checkpointing), model, context);
        }

        /** With the family's values for what the checkpoint leaves open. */
        public Options(String dtype, boolean checkpointing, Context context) {
            this(dtype, checkpointing, Model.USUAL, context);
        }
    }

    /**
     * What is traded for memory.
     *
     * @param checkpointing how much of the networks is computed again in the backward pass instead of being kept
     * @param vaeSlicing whether the autoencoder works on each image of a batch for itself
     * @param vaeTiling whether it works on images larger than those it was trained on in overlapping tiles
     * @param offload whether the weights of text encoders and autoencoder are in memory only while these are used
     * @param embeddingCache the folder where encoded prompts and images are kept from run to run; null for none
     * @param inFiles whether weights stay in their files, for a pipeline that an adapter is merged into and that is saved, and that computes nothing
     */
    record Memory(
            Checkpointing checkpointing,
            boolean vaeSlicing,
            boolean vaeTiling,
            boolean offload,
            @Nullable Path embeddingCache,
            boolean inFiles) {
        /** Nothing is. */
        public static final Memory NONE = new Memory(Checkpointing.FALSE, false, false, false, null);

        /** For a checkpoint that is only merged and saved. */
        public static final Memory IN_FILES = new Memory(Checkpointing.FALSE, false, false, false, null, true);

        /** For a pipeline that computes. */
        public Memory(
                Checkpointing checkpointing,
                boolean vaeSlicing,
                boolean vaeTiling,
                boolean offload,
                @Nullable Path embeddingCache) {
            this(checkpointing, vaeSlicing, vaeTiling, offload, embeddingCache, false);
        }

        /** The same with or without checkpointing. */
        public Memory withCheckpointing(boolean on) {
            return new Memory(Checkpointing.of(on), vaeSlicing, vaeTiling, offload, embeddingCache, inFiles);
        }
    }

    /**
     * The dtypes of weights and activations: {@code float32}, {@code float16} or {@code bfloat16}. Latents, conditioning and images, which pass
     * between the components, are float32 whatever they are. A component that overflows in float16 is held in float32 instead, with a
     * line that says so.
     *
     * @param denoiser of the network that is sampled from
     * @param textEncoders of all text encoders
     * @param vae of the autoencoder
     */
    record Dtypes(String denoiser, String textEncoders, String vae) {
        /** One for all components. */
        public static Dtypes all(String dtype) {
            return new Dtypes(dtype, dtype, dtype);
        }
    }

    /**
     * What a checkpoint leaves open. A family refuses a value that its models have no use for.
     *
     * @param embeddedGuidance the guidance scale that a model distilled from guidance is conditioned on (FLUX.1 dev); null for the family's usual
     *     one
     * @param textTokens tokens of a prompt, for text encoders that take any number (T5); null for the family's usual number
     * @param components components that are taken from elsewhere, by name ({@code vae}, {@code tokenizer}): files or folders
     */
    record Model(
            @Nullable Double embeddedGuidance, @Nullable Integer textTokens, Map<String, Path> components) {
        /** All as the family usually has it. */
        public static final Model USUAL = new Model(null, null);

        /** Keeps its own copy of the map. */
        public Model {
            components = Map.copyOf(components);
        }

        /** With the checkpoint's own components. */
        public Model(@Nullable Double embeddedGuidance, @Nullable Integer textTokens) {
            this(embeddedGuidance, textTokens, Map.of());
        }
    }
}
