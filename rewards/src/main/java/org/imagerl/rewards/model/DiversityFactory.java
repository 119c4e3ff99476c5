package org.imagerl.rewards.model;

import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.rewards.work.Workers;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;

/** Makes the reward for images of one prompt that differ. */
public final class DiversityFactory implements Factory<Reward, OnnxConfig> {

    @Override
    public String name() {
        return "diversity";
    }

    @Override
    public String description() {
        return "distance of an image from the others of its prompt: mean of 1 - cosine of their embeddings";
    }

    @Override
    public OnnxConfig defaults() {
        return (OnnxConfig) Presets.factories().get(0).defaults();
    }

    @Override
    public Reward create(OnnxConfig config, Context context) {
        OnnxDevice device = OnnxDevice.choose(config.device() == null ? "auto" : config.device(), context);
        Embedder embedder = ModelLoader.loadEmbedder(
                context.folder().resolve(config.folder()), config, device, SettingsPlace.REWARD);
        return new DiversityReward(embedder, new Workers(context.threads(), "diversity-reward"));
    }
}
