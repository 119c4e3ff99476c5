package org.imagerl.latent.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.imagerl.latent.source.CheckpointSource;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.WeightFilesWriter;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes a whole checkpoint beside its place and renames it into place: descriptions, tokenizers and components without changed weights
 * are copied from the source, the weights of the networks are written anew, in shards as diffusers makes them.
 */
final class CheckpointWriter {
    private static final long MAX_SHARD_BYTES = 10_000_000_000L;

    private CheckpointWriter() {}

    /** Refuses a target that exists. */
    static void write(CheckpointSource source, Path target, List<ParameterStore> networks, String dtype) {
        if (Files.exists(target)) {
            throw UserException.input(target + " exists; name a folder that does not");
        }
        replace(source, target, networks, dtype);
    }

    /** Takes the place of an older checkpoint. */
    static void replace(CheckpointSource source, Path target, List<ParameterStore> networks, String dtype) {
        DType type = NetworkWeights.fileType(dtype);
        Folders.publish(target, beside -> fill(source, beside, networks, type));
    }

    /**
     * Says what an absent {@code shift_factor} means: checkpoints of older versions of {@code pretrain} lack it, and diffusers' pipelines of SD3
     * and FLUX add it without asking whether it is there; those of Stable Diffusion do not look at it.
     */
    private static void completeVae(Path description) {
        if (Files.isRegularFile(description)) {
            ObjectNode vae = StrictJson.object(description);
            if (vae.path("shift_factor").isMissingNode()) {
                AtomicFile.writeText(description, StrictJson.indented(vae.put("shift_factor", 0.0)) + "\n");
            }
        }
    }

    private static void fill(CheckpointSource source, Path beside, List<ParameterStore> networks, DType type)
            throws IOException {
        Set<String> rewritten = networks.stream().map(ParameterStore::component).collect(Collectors.toSet());
        source.copy(beside, rewritten);
        completeVae(beside.resolve("vae/config.json"));
        for (ParameterStore network : networks) {
            WeightFilesWriter.write(
                    beside.resolve(network.component()),
                    Component.of(network).stem(),
                    NetworkWeights.sources(network, type),
                    MAX_SHARD_BYTES);
        }
    }
}
