package org.imagerl.latent.pipeline;

import org.imagerl.toolkit.nn.ParameterStore;

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
}
