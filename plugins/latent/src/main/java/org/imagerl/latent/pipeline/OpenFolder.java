package org.imagerl.latent.pipeline;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.imagerl.latent.checkpoint.ModelIndex;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Quote;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.tensor.Devices;
import org.imagerl.toolkit.tensor.Gradients;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint folder that is being loaded.
 *
 * @param path the folder
 * @param index which components it has
 * @param manager owns what is loaded
 * @param type of weights and activations, float32 or float16
 * @param checkpointing whether networks are computed again in the backward pass instead of being kept
 * @param model what the checkpoint leaves open
 * @param beginners fills networks that have no weights yet
 * @param warnings takes one line for the user per thing that was not as asked
 */
public record OpenFolder(
        Path path,
        ModelIndex index,
        NDManager manager,
        DataType type,
        boolean checkpointing,
        PipelineFactory.Model model,
        Beginners beginners,
        Consumer<String> warnings) {

    /** Fills networks that have no weights yet, for pretraining. */
    public interface Beginners {
        /** There are none: all weights are in files. */
        Beginners NONE = (network, manager) -> false;

        /** All weights are in files, but are not wanted: their headers are checked, and networks stay empty. */
        Beginners HEADERS_ONLY = new Beginners() {
            @Override
            public boolean fill(Network network, NDManager manager) {
                return false;
            }

            @Override
            public boolean headersOnly() {
                return true;
            }
        };

        /** Fills a network if it is one of them, float32. */
        boolean fill(Network network, NDManager manager);

        /** Whether no weights are to be read. */
        default boolean headersOnly() {
            return false;
        }
    }

    /**
     * A folder that describes a checkpoint whose weights are yet to be trained, in float32.
     *
     * @param beginners gives the initial weights of the components that have none
     */
    public static OpenFolder untrained(Path path, NDManager manager, Beginners beginners, Consumer<String> warnings) {
        return new OpenFolder(
                path,
                ModelIndex.read(path),
                manager,
                DataType.FLOAT32,
                false,
                PipelineFactory.Model.USUAL,
                beginners,
                warnings);
    }

    /** Whether a folder is a checkpoint of one of these pipelines, by diffusers' class names. */
    public static boolean isOf(Path folder, List<String> pipelines) {
        return Files.isRegularFile(folder.resolve("model_index.json"))
                && pipelines.contains(ModelIndex.read(folder).className());
    }

    /**
     * Opens a checkpoint: device, memory and failures are the same for all families.
     *
     * @param pipelines diffusers' names of the pipelines that {@code load} can load
     * @throws UserException if the folder is none of them, or {@code load} throws
     */
    public static Pipeline open(
            Path path,
            PipelineFactory.Options options,
            List<String> pipelines,
            Function<OpenFolder, PipelineParts> load) {
        Consumer<String> warnings = options.context().warnings();
        Device device = Devices.choose(options.context().device(), warnings);
        if (type(options.dtype()) == DataType.FLOAT16 && device.equals(Device.cpu())) {
            warnings.accept(
                    "float16 on the CPU takes about 20 times as long as float32, which it only stores in half the memory;"
                            + " take float32 (sample: --dtype float32; train: dtype: float32), or a GPU");
        }
        NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        try {
            OpenFolder folder = of(path, options, pipelines, manager, Beginners.NONE);
            return Gradients.off(() -> new CheckpointPipeline(folder, load.apply(folder)));
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /**
     * Checks a checkpoint as {@link #open} does, without reading weights.
     *
     * @throws UserException as {@link #open}, but for what is wrong with the numbers in weights
     */
    public static void check(
            Path path,
            PipelineFactory.Options options,
            List<String> pipelines,
            Function<OpenFolder, PipelineParts> load) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            OpenFolder folder = of(path, options, pipelines, manager, Beginners.HEADERS_ONLY);
            Gradients.off(() -> {
                load.apply(folder).encoder().close();
                return folder;
            });
        }
    }

    private static OpenFolder of(
            Path path,
            PipelineFactory.Options options,
            List<String> pipelines,
            NDManager manager,
            Beginners beginners) {
        ModelIndex index = ModelIndex.read(path);
        if (!pipelines.contains(index.className())) {
            throw UserException.input(path + "/model_index.json: _class_name is " + Quote.of(index.className())
                    + "; supported: " + String.join(", ", pipelines));
        }
        return new OpenFolder(
                path,
                index,
                manager,
                type(options.dtype()),
                options.checkpointing(),
                options.model(),
                beginners,
                options.context().warnings());
    }

    private static DataType type(String dtype) {
        return switch (dtype) {
            case "float32" -> DataType.FLOAT32;
            case "float16" -> DataType.FLOAT16;
            default -> throw UserException.input("dtype must be float32 or float16, not " + dtype);
        };
    }

    /** Refuses a guidance scale for a denoiser that is told none. */
    public void refuseEmbeddedGuidance() {
        refuse(
                "embedded_guidance",
                model.embeddedGuidance(),
                "its denoiser has no embedding of a guidance scale; guide it by " + "rollout.guidance");
    }

    /** Refuses a number of tokens for text encoders that have one of their own. */
    public void refuseTextTokens() {
        refuse("text_tokens", model.textTokens(), "its text encoders have a fixed number of tokens");
    }

    /**
     * Tokens of a prompt for T5: as the caller says, else as the checkpoint says.
     *
     * @param usual the family's number, if neither says
     */
    public int textTokens(int usual) {
        Integer wanted = model.textTokens();
        return wanted == null ? index.maxSequenceLength().orElse(usual) : wanted;
    }

    private void refuse(String key, @Nullable Object value, String reason) {
        if (value != null) {
            throw UserException.input(
                    "model." + key + " is " + value + ", which " + path + " has no use for: " + reason);
        }
    }

    /** Fills a declared network from the folder of its component. */
    public void load(Component files, Network network) {
        load(files, network, type, names -> key -> key);
    }

    /**
     * Fills a declared network from the folder of its component.
     *
     * @param weightType of all its weights
     * @param keys from all keys of the files to a map of each to the network's; the empty string for keys to be ignored
     */
    public void load(
            Component files,
            Network network,
            DataType weightType,
            Function<Collection<String>, UnaryOperator<String>> keys) {
        if (beginners.headersOnly()) {
            files.check(path, network, keys);
        } else if (!beginners.fill(network, manager)) {
            files.load(path, network, manager, weightType, keys);
        }
    }
}
