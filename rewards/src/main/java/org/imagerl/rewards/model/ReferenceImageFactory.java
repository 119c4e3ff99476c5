package org.imagerl.rewards.model;

import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.work.Workers;

/**
 * Makes the reward for images that are like a reference image of their prompt, after POLAR (Pre-Trained Policy Discriminators are General Reward Models, 2025, arXiv 2507.05197):
 * a score of a candidate given a reference, {@code r = D(reference, image)}, that says how alike what made the two is, and not how good one of them is. POLAR's D is a language model, trained so that
 * two answers of one policy score above answers of two. Here D is the cosine of the embeddings of both by an exported image tower, and nothing is trained: which differences count is the
 * tower's choice. A tower that was trained as a discriminator of that kind is exported and used alike.
 */
public final class ReferenceImageFactory implements Factory<Reward, ReferenceImageFactory.Config> {

    /**
     * What images are compared with.
     *
     * @param model the folder of the model that embeds images, and what its files leave open
     * @param field of prompts that names the file of the reference image, relative to the configuration
     */
    public record Config(OnnxConfig model, String field) {
        /** Refuses a field without a name. */
        public Config {
            if (field.isBlank()) {
                throw new IllegalArgumentException("field must name a field of the prompts");
            }
        }
    }

    @Override
    public String name() {
        return "reference-image";
    }

    @Override
    public String description() {
        return "likeness to the reference image that a field of the prompt names: cosine of their embeddings";
    }

    @Override
    public Config defaults() {
        return new Config((OnnxConfig) Presets.factories().get(0).defaults(), "reference");
    }

    @Override
    public Reward create(Config config, Context context) {
        OnnxConfig model = config.model();
        OnnxDevice device = OnnxDevice.choose(model.device() == null ? "auto" : model.device(), context);
        Embedder embedder =
                ModelLoader.loadEmbedder(context.folder().resolve(model.folder()), model, device, SettingsPlace.REWARD);
        return new ReferenceImageReward(
                embedder, new Workers(context.threads(), "reference-image-reward"), config.field(), context.folder());
    }
}
