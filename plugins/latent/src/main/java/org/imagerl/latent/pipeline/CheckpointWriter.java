package org.imagerl.latent.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
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
 * Writes a whole checkpoint under a temporary name beside its place, and then renames it: descriptions, tokenizers and
 * components without changed weights are copied from the source, the weights of the networks are written anew, in
 * shards as diffusers makes them.
 */
final class CheckpointWriter {
    private static final long MAX_SHARD_BYTES = 10_000_000_000L;

    private CheckpointWriter() {}

    /**
     * Refuses a target that exists.
     *
     * @param dtypes of the weights of a component, by its name
     */
    static void write(
            CheckpointSource source, Path target, List<ParameterStore> networks, Function<String, DType> dtypes) {
        if (Files.exists(target)) {
            throw UserException.input(target + " exists; name a folder that does not");
        }
        replace(source, target, networks, dtypes);
    }

    /** Takes the place of an older checkpoint. */
    static void replace(
            CheckpointSource source, Path target, List<ParameterStore> networks, Function<String, DType> dtypes) {
        Folders.publish(target, beside -> fill(source, beside, networks, dtypes));
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

    private static void fill(
            CheckpointSource source, Path beside, List<ParameterStore> networks, Function<String, DType> dtypes)
            throws IOException {
        Set<String> rewritten = networks.stream().map(ParameterStore::component).collect(Collectors.toSet());
        source.copy(beside, rewritten);
        completeVae(beside.resolve("vae/config.json"));
        for (ParameterStore network : networks) {
            WeightFilesWriter.write(
                    beside.resolve(network.component()),
                    Component.of(network).stem(),
                    NetworkWeights.sources(network, dtypes.apply(network.component())),
                    MAX_SHARD_BYTES);
        }
    }
}
