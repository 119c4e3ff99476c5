package org.imagerl.diffusion.bench;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.ScratchFolder;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.safetensors.WeightVariant;

/** A UNet folder with random float32 weights, deleted when closed. */
final class RandomCheckpoint implements AutoCloseable {
    private static final String STEM = "diffusion_pytorch_model";
    private static final long SEED = 15;
    private static final double HEADROOM = 1.05;

    private final ScratchFolder folder;

    private RandomCheckpoint(ScratchFolder folder) {
        this.folder = folder;
    }

    /** The description of the UNet. */
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
    static RandomCheckpoint write(UnetBenchmarkFactory.Config shape, Path parent) {
        RandomCheckpoint checkpoint = new RandomCheckpoint(ScratchFolder.in(parent));
        try {
            AtomicFile.writeText(checkpoint.config(), json(shape));
            Network network = new Network("unet");
            UNet unused = new UNet(network, UnetConfig.read(checkpoint.config()), false);
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

    private static void requireSpace(Path parent, Network network) {
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

    /** runwayml/stable-diffusion-v1-5's unet/config.json with other sizes. */
    private static String json(UnetBenchmarkFactory.Config shape) {
        int attending = shape.channels().size() - 1;
        List<String> down = new ArrayList<>(Collections.nCopies(attending, "CrossAttnDownBlock2D"));
        down.add("DownBlock2D");
        List<String> up = new ArrayList<>(List.of("UpBlock2D"));
        up.addAll(Collections.nCopies(attending, "CrossAttnUpBlock2D"));
        return """
                {
                  "_class_name": "UNet2DConditionModel",
                  "act_fn": "silu",
                  "attention_head_dim": 8,
                  "block_out_channels": %s,
                  "center_input_sample": false,
                  "cross_attention_dim": %d,
                  "down_block_types": [%s],
                  "downsample_padding": 1,
                  "flip_sin_to_cos": true,
                  "freq_shift": 0,
                  "in_channels": 4,
                  "layers_per_block": 2,
                  "mid_block_scale_factor": 1,
                  "norm_eps": 1e-05,
                  "norm_num_groups": 32,
                  "out_channels": 4,
                  "sample_size": %d,
                  "up_block_types": [%s]
                }
                """.formatted(shape.channels(), shape.textWidth(), quoted(down), shape.latentSize(), quoted(up));
    }

    private static String quoted(List<String> names) {
        return names.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        folder.close();
    }
}
