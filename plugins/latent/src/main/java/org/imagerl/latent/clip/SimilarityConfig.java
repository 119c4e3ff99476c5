package org.imagerl.latent.clip;

import java.nio.file.Path;
import java.util.Arrays;
import org.imagerl.hub.ConfigFile;
import org.imagerl.latent.checkpoint.ClipTextConfig;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model of an image tower and a text tower as its {@code config.json} describes it, with the defaults of transformers' {@code CLIPConfig} and
 * {@code SiglipConfig}.
 *
 * @param kind what the towers are like
 * @param text the text tower of a CLIP; of a SigLIP only the sizes count
 * @param textShape the layers of the text tower
 * @param vision the image tower
 * @param width of the embeddings that are compared
 */
public record SimilarityConfig(
        Similarity kind, ClipTextConfig text, EncoderShape textShape, VisionConfig vision, int width) {
    private static final int MAX_WIDTH = 1 << 16;

    /** Width and height of the images that it takes, in pixels. */
    public int imageSize() {
        return vision.imageSize();
    }

    /**
     * Reads and checks one file.
     *
     * @throws org.imagerl.spi.UserException naming file, key and value of the first thing that is wrong or has no code here
     */
    public static SimilarityConfig read(Path path) {
        ConfigFile file = ConfigFile.read(path);
        String type = file.text("model_type", "");
        Similarity kind = Arrays.stream(Similarity.values())
                .filter(known -> known.modelType().equals(type))
                .findFirst()
                .orElseThrow(() -> file.refusal("model_type", "supported: clip, siglip"));
        ConfigFile text = section(file, "text_config");
        ConfigFile vision = section(file, "vision_config");
        return kind == Similarity.CLIP ? clip(file, text, vision) : siglip(text, vision);
    }

    private static SimilarityConfig clip(ConfigFile file, ConfigFile text, ConfigFile vision) {
        int width = file.integer("projection_dim", 512, 1, MAX_WIDTH);
        ClipTextConfig texts = ClipTextConfig.ofSection(text, width);
        return new SimilarityConfig(
                Similarity.CLIP, texts, EncoderShape.of(texts), VisionConfig.read(vision, Similarity.CLIP), width);
    }

    private static SimilarityConfig siglip(ConfigFile text, ConfigFile vision) {
        EncoderShape shape = VisionConfig.shape(text, Similarity.SIGLIP, false);
        ClipTextConfig sizes = new ClipTextConfig(
                text.integer("vocab_size", 32_000, 1, 1 << 24),
                shape.width(),
                shape.intermediateSize(),
                text.integer("num_hidden_layers", 12, 1, 1024),
                shape.heads(),
                text.integer("max_position_embeddings", 64, 1, MAX_WIDTH),
                text.integer("projection_size", shape.width(), 1, MAX_WIDTH),
                true,
                shape.activation(),
                shape.layerNormEps(),
                0,
                text.warnings());
        VisionConfig images = VisionConfig.read(vision, Similarity.SIGLIP);
        if (images.shape().width() != sizes.projectionDim()) {
            throw text.refusal(
                    "projection_size",
                    "it must be hidden_size of vision_config, " + images.shape().width());
        }
        return new SimilarityConfig(Similarity.SIGLIP, sizes, shape, images, sizes.projectionDim());
    }

    /** A section, with what old files of CLIP have beside it under the name with {@code _dict}, which counts more. */
    private static ConfigFile section(ConfigFile file, String key) {
        ObjectNode all = object(file, key);
        all.setAll(object(file, key + "_dict"));
        return ConfigFile.of(file.file().resolveSibling(file.file().getFileName() + " (" + key + ")"), all);
    }

    private static ObjectNode object(ConfigFile file, String key) {
        JsonNode given = file.value(key).orElseGet(() -> file.tree().objectNode());
        if (given instanceof ObjectNode object) {
            return object.deepCopy();
        }
        throw file.refusal(key, "expected an object, not " + Quote.of(given.toString()));
    }
}
