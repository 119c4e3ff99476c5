package org.imagerl.rewards.model;

import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Features;
import org.imagerl.spi.work.Workers;

/** Makes features of a model folder. */
public final class OnnxFeaturesFactory implements Factory<Features, FeaturesConfig> {

    @Override
    public String name() {
        return "onnx";
    }

    @Override
    public String description() {
        return "an output of an exported ONNX model: an embedding of images, or a classifier's logits";
    }

    @Override
    public FeaturesConfig defaults() {
        return FeaturesConfig.defaults();
    }

    @Override
    public Features create(FeaturesConfig config, Context context) {
        OnnxDevice device = OnnxDevice.choose(config.device() == null ? "auto" : config.device(), context);
        Embedder embedder = ModelLoader.loadEmbedder(
                context.folder().resolve(config.folder()), config.asModel(), device, SettingsPlace.FEATURES);
        Workers workers = new Workers(context.threads(), "onnx-features");
        try {
            return new OnnxFeatures(embedder, workers);
        } catch (RuntimeException e) {
            workers.close();
            embedder.close();
            throw e;
        }
    }
}
