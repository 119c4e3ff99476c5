package org.imagerl.latent.clip;

import org.imagerl.hub.ConfigFile;
import org.imagerl.latent.checkpoint.ClipTextConfig.Activation;

/**
 * An image tower as the section {@code vision_config} of a {@code config.json} describes it.
 *
 * @param shape of its layers
 * @param layers transformer layers
 * @param imageSize width and height of images in pixels
 * @param patchSize width and height of a patch in pixels, at most {@code imageSize}
 */
record VisionConfig(EncoderShape shape, int layers, int imageSize, int patchSize) {
    private static final int MAX_WIDTH = 1 << 16;
    private static final int MAX_SIDE = 4096;

    /** Patches of an image. */
    int patches() {
        return (imageSize / patchSize) * (imageSize / patchSize);
    }

    /**
     * Reads and checks the section.
     *
     * @param defaults where the file is silent: those of transformers' {@code CLIPVisionConfig} or {@code SiglipVisionConfig}
     * @throws org.imagerl.spi.UserException naming file, key and value of the first thing that is wrong or has no code here
     */
    static VisionConfig read(ConfigFile file, Similarity defaults) {
        file.only("num_channels", 3);
        file.only("attention_dropout", 0);
        file.only("dropout", 0);
        file.only("vision_use_head", true);
        int imageSize = file.integer("image_size", 224, 1, MAX_SIDE);
        return new VisionConfig(
                shape(file, defaults, false),
                file.integer("num_hidden_layers", 12, 1, 1024),
                imageSize,
                file.integer("patch_size", defaults.patchSize(), 1, imageSize));
    }

    /** The layers of a tower of images or texts with as many heads and as wide as CLIP's base model where the file is silent. */
    static EncoderShape shape(ConfigFile file, Similarity defaults, boolean causal) {
        int width = file.integer("hidden_size", 768, 1, MAX_WIDTH);
        int heads = file.integer("num_attention_heads", 12, 1, MAX_WIDTH);
        if (width % heads != 0) {
            throw file.refusal("num_attention_heads", "it must divide hidden_size, " + width);
        }
        return new EncoderShape(
                width,
                file.integer("intermediate_size", 3072, 1, MAX_WIDTH),
                heads,
                activation(file, defaults),
                file.number("layer_norm_eps", defaults.layerNormEps(), 1e-15, 1),
                causal);
    }

    private static Activation activation(ConfigFile file, Similarity defaults) {
        String name = file.text("hidden_act", defaults.activation());
        return switch (name) {
            case "quick_gelu" -> Activation.QUICK_GELU;
            case "gelu" -> Activation.GELU;
            case "gelu_pytorch_tanh" -> Activation.GELU_TANH;
            default -> throw file.refusal("hidden_act", "supported: quick_gelu, gelu, gelu_pytorch_tanh");
        };
    }
}
