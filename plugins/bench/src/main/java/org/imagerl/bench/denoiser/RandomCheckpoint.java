package org.imagerl.bench.denoiser;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.imagerl.spi.Checkpointing;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.ScratchFolder;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.safetensors.WeightVariant;

/** The folder of a denoiser with random float32 weights, deleted when closed. */
final class RandomCheckpoint implements AutoCloseable {
    private static final String STEM = "diffusion_pytorch_model";
    private static final long SEED = 15;
    private static final double HEADROOM = 1.05;

    private final ScratchFolder folder;

    private RandomCheckpoint(ScratchFolder folder) {
        this.folder = folder;
    }

    /** The description of the network. */
    Path config() {
        return folder.path().resolve("config.json");
    }

    /** The weights; to be closed. */
    WeightFiles weights() {
        return WeightFiles.open(folder.path(), STEM, WeightVariant.PLAIN);
    }

    /**
     * Writes the folder into another one.
     *
     * @throws UserException if there is no room for it
     */
    static RandomCheckpoint write(DenoiserShape shape, Path parent) {
        RandomCheckpoint checkpoint = described(shape, parent);
        try {
            ParameterStore network =
                    shape.declare(checkpoint.config(), Checkpointing.FALSE).network();
            requireSpace(parent, network);
            SafetensorsWriter.write(
                    checkpoint.folder.path().resolve(STEM + ".safetensors"),
                    NetworkWeights.initialSources(network, DType.F32, new RandomStreams(SEED)),
                    Map.of());
            return checkpoint;
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /** Writes a folder into another one that has the description alone. */
    static RandomCheckpoint described(DenoiserShape shape, Path parent) {
        RandomCheckpoint checkpoint = new RandomCheckpoint(ScratchFolder.in(parent));
        AtomicFile.writeText(checkpoint.config(), shape.config());
        return checkpoint;
    }

    private static void requireSpace(Path parent, ParameterStore network) {
        long elements =
                network.shapes().values().stream().mapToLong(Shape::size).sum();
        double needed = HEADROOM * 4 * elements;
        double free = parent.toFile().getUsableSpace();
        if (free < needed) {
            throw new UserException(
                    UserException.Kind.RESOURCES,
                    String.format(
                            Locale.ROOT,
                            "%s has %.1f GB free, the benchmark writes %.1f GB; name another folder (--set folder=DIR)",
                            parent,
                            free / 1e9,
                            needed / 1e9));
        }
    }

    @Override
    public void close() {
        folder.close();
    }
}
