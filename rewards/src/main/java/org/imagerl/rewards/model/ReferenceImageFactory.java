package org.imagerl.rewards.model;

import java.util.List;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.work.Workers;

/**
 * Makes the reward for images that are like a reference image of their prompt, after POLAR (Pre-Trained Policy
 * Discriminators are General Reward Models, 2025, arXiv 2507.05197): a score of a candidate given a reference,
 * {@code r = D(reference, image)}, that says how alike what made the two is, and not how good one of them is. POLAR's D
 * is a language model, trained so that two answers of one policy score above answers of two. Here D is the cosine of
 * the embeddings of both by an exported image tower: which differences count is the tower's choice. With
 * {@code policies} a weight for each element of the embeddings is trained by POLAR's loss ({@link DiscriminatorFit});
 * the paper's second stage, on ranked triples, is not here. A tower that was trained as a discriminator of that kind is
 * exported and used alike.
 */
public final class ReferenceImageFactory implements Factory<Reward, ReferenceImageFactory.Config> {

    /**
     * What images are compared with.
     *
     * @param model the folder of the model that embeds images, and what its files leave open
     * @param field of prompts that names the file of the reference image, relative to the configuration
     * @param policies folders, relative to the configuration, of images that {@code imagerl sample} made, each of one
     *     policy, for the same prompts: elements of embeddings in which images of one policy are alike and those of
     *     different ones are not get more weight; none is the cosine. It is trained whenever the reward is made
     */
    public record Config(OnnxConfig model, String field, List<String> policies) {
        /** Refuses a field without a name, and a single policy. */
        public Config {
            policies = List.copyOf(policies);
            if (policies.size() == 1) {
                throw new IllegalArgumentException("policies must be at least two folders, one for each policy");
            }
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
        return new Config((OnnxConfig) Presets.factories().get(0).defaults(), "reference", List.of());
    }

    @Override
    public Reward create(Config config, Context context) {
        OnnxConfig model = config.model();
        OnnxDevice device = OnnxDevice.choose(model.device() == null ? "auto" : model.device(), context);
        Embedder embedder =
                ModelLoader.loadEmbedder(context.folder().resolve(model.folder()), model, device, SettingsPlace.REWARD);
        Workers workers = new Workers(context.threads(), "reference-image-reward");
        try {
            PolicyDiscriminator trained = config.policies().isEmpty()
                    ? null
                    : PolicyDiscriminator.train(
                            config.policies().stream()
                                    .map(context.folder()::resolve)
                                    .toList(),
                            embedder,
                            workers);
            return new ReferenceImageReward(embedder, workers, trained, config.field(), context.folder());
        } catch (RuntimeException | Error e) {
            workers.close();
            embedder.close();
            throw e;
        }
    }
}
