package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.Collection;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.safetensors.WeightVariant;
import org.imagerl.toolkit.safetensors.WeightViews;

/** Names of weight files: diffusers and transformers differ. */
public enum Component {
    /** As diffusers names them. */
    DIFFUSERS("diffusion_pytorch_model"),
    /** As transformers names them. */
    TRANSFORMERS("model");

    private final String stem;

    Component(String stem) {
        this.stem = stem;
    }

    /** Whose names the weights of a component have. */
    public static Component of(ParameterStore network) {
        return network.component().startsWith("text_encoder") ? TRANSFORMERS : DIFFUSERS;
    }

    /** The file name without ending and shard number. */
    public String stem() {
        return stem;
    }

    /** Fills a declared network from its folder; takes the fp16 files if only those are there. See {@link OpenFolder#load}. */
    void load(
            Path checkpoint,
            ParameterStore network,
            NDManager manager,
            DataType type,
            Function<Collection<String>, UnaryOperator<String>> keys) {
        try (WeightFiles files = open(checkpoint, network)) {
            NetworkWeights.load(network, files, manager, type, keys.apply(files.names()));
        }
    }

    /** Checks names and shapes of the weights in the headers, without reading one; arguments as for {@link #load}. */
    void check(Path checkpoint, ParameterStore network, Function<Collection<String>, UnaryOperator<String>> keys) {
        try (WeightFiles files = open(checkpoint, network)) {
            NetworkWeights.check(network, WeightViews.of(files, keys.apply(files.names())));
        }
    }

    private WeightFiles open(Path checkpoint, ParameterStore network) {
        Path folder = checkpoint.resolve(network.component());
        return WeightFiles.open(folder, stem, WeightVariant.only(folder, stem));
    }
}
