package org.imagerl.rewards.model;

import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.work.Workers;

/**
 * Makes the reward for what an image adds to the set of its group (after Prajapat, Mutny, Zeilinger, Krause, Submodular
 * Reinforcement Learning, 2023, arXiv 2307.13372). There a trajectory collects states and its reward is a submodular
 * function of what it has collected; here the set is the images of a prompt. The weight of this reward beside others is
 * the paper's trade-off. A group baseline does not take it away, because the gains differ within the group; in the
 * order of the group early images would have more, so that the mean over orders is the default.
 */
public final class SubmodularFactory implements Factory<Reward, SubmodularFactory.Config> {

    /**
     * What a set is worth.
     *
     * @param model the folder of the model that embeds images, and what its files leave open
     * @param function of the set
     * @param credit how its worth is divided
     * @param strength a of {@code log-det}, above 0
     */
    public record Config(OnnxConfig model, SetFunction function, SetCredit credit, double strength) {
        /** Checks the range. */
        public Config {
            if (!(strength > 0)) {
                throw new IllegalArgumentException("strength must be above 0");
            }
        }
    }

    @Override
    public String name() {
        return "submodular";
    }

    @Override
    public String description() {
        return "what an image adds to the set of images of its prompt, with returns that diminish";
    }

    @Override
    public Config defaults() {
        return new Config(
                (OnnxConfig) Presets.factories().get(0).defaults(),
                SetFunction.FACILITY_LOCATION,
                SetCredit.SHAPLEY,
                1);
    }

    @Override
    public Reward create(Config config, Context context) {
        OnnxConfig model = config.model();
        OnnxDevice device = OnnxDevice.choose(model.device() == null ? "auto" : model.device(), context);
        Embedder embedder =
                ModelLoader.loadEmbedder(context.folder().resolve(model.folder()), model, device, SettingsPlace.REWARD);
        return new SetReward(
                embedder,
                new Workers(context.threads(), "submodular-reward"),
                new Reward.Spec(
                        Reward.Scope.GROUPWISE, 0, config.function.largest(config.strength), true, "gain of the set"),
                cosines -> worth(config, cosines));
    }

    /** The credit of each image of a set. */
    static double[] worth(Config config, double[][] cosines) {
        return config.credit.of(cosines.length, order -> config.function.gains(cosines, order, config.strength));
    }
}
