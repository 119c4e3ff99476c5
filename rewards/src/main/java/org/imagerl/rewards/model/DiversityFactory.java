package org.imagerl.rewards.model;

import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.work.Workers;

/**
 * Makes the reward for images of one prompt that differ: how much an image adds to the variety of its group, the mean of {@code 1 - cos} between its embedding and
 * those of the others. The mean over a group is the mean pairwise distance of the set. Against collapse, beside a reward of quality.
 */
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
        return new SetReward(
                embedder,
                new Workers(context.threads(), "diversity-reward"),
                new Reward.Spec(Reward.Scope.GROUPWISE, 0, 2, true, "mean 1 - cosine to the others"),
                DiversityFactory::distances);
    }

    /** The mean distance of each image from the others. */
    private static double[] distances(double[][] cosines) {
        double[] distances = new double[cosines.length];
        for (int i = 0; i < cosines.length; i++) {
            for (int j = 0; j < cosines.length; j++) {
                distances[i] += i == j ? 0 : (1 - cosines[i][j]) / (cosines.length - 1);
            }
        }
        return distances;
    }
}
