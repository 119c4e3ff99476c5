package org.imagerl.latent.clip;

/** The two kinds of models that compare images with texts. */
public enum Similarity {
    /** Radford et al., Learning Transferable Visual Models From Natural Language Supervision, 2021, arXiv 2103.00020. */
    CLIP("clip", "quick_gelu", 1e-5, 32),
    /** Zhai, Mustafa, Kolesnikov, Beyer, Sigmoid Loss for Language Image Pre-Training, 2023, arXiv 2303.15343. */
    SIGLIP("siglip", "gelu_pytorch_tanh", 1e-6, 16);

    private final String modelType;
    private final String activation;
    private final double layerNormEps;
    private final int patchSize;

    Similarity(String modelType, String activation, double layerNormEps, int patchSize) {
        this.modelType = modelType;
        this.activation = activation;
        this.layerNormEps = layerNormEps;
        this.patchSize = patchSize;
    }

    /** The {@code model_type} of its {@code config.json}. */
    String modelType() {
        return modelType;
    }

    /** The default of {@code hidden_act}. */
    String activation() {
        return activation;
    }

    /** The default of {@code layer_norm_eps}. */
    double layerNormEps() {
        return layerNormEps;
    }

    /** The default of {@code patch_size}. */
    int patchSize() {
        return patchSize;
    }
}
