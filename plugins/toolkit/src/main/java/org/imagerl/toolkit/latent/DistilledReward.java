package org.imagerl.toolkit.latent;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imagerl.spi.Context;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Source;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.LatentReward;
import org.imagerl.toolkit.tensor.Devices;
import org.imagerl.toolkit.tensor.Gradients;
import org.jspecify.annotations.Nullable;

/** {@code latent}: a small network on latents that was trained on the scores of another reward, see {@link LatentNetwork}. */
public final class DistilledReward implements LatentReward {

    /**
     * The settings.
     *
     * @param folder that {@code imagerl reward distil} wrote, relative to the configuration
     * @param refresh trains it further during the run; by default it stays as it is
     */
    @Source("folder")
    public record Config(String folder, @Nullable Refresh refresh) {
        /** The folder has no default and is required. */
        @SuppressWarnings("NullAway") // what has no default
        public static Config defaults() {
            return new Config(null, null);
        }
    }

    /**
     * How it is trained further.
     *
     * @param teacher another reward of the run, by its name, which scores images by themselves; one of {@code evaluation_rewards} costs nothing in other epochs
     * @param every after how many epochs it is trained again, at least 1: the teacher scores the images of each such epoch, which are decoded for that
     * @param passes over these images, at least 1
     * @param learningRate the highest of each training, above 0; it warms up over 50 updates of at most 64 images, which a training of few images does not reach, and falls to 0 along a cosine
     */
    public record Refresh(String teacher, int every, int passes, double learningRate) {
        /** Checks the ranges. */
        public Refresh {
            if (every < 1 || passes < 1 || !(learningRate > 0) || Double.isInfinite(learningRate)) {
                throw new IllegalArgumentException("every and passes must be at least 1, and learning_rate above 0");
            }
        }
    }

    /** The reward of a configuration. */
    public static LatentReward of(Config config, Context context) {
        DistilledReward reward = new DistilledReward(config, context);
        return config.refresh() == null ? reward : new RefreshedReward(reward, reward.model, config.refresh());
    }

    private final LatentRewardFolder folder;
    private final LatentModel model;

    /** Loads the network. */
    public DistilledReward(Config config, Context context) {
        folder = LatentRewardFolder.read(context.folder().resolve(config.folder()));
        model = Gradients.off(() -> LatentModel.load(folder, Devices.choose(context.device(), context.warnings())));
    }

    @Override
    public Spec spec() {
        return new Spec(
                Scope.POINTWISE,
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                true,
                "estimate of " + folder.training().getOrDefault("teacher", "another reward"));
    }

    @Override
    public List<Path> files() {
        return List.of(folder.manifest(), folder.weights());
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("latents", describe(folder.space()));
        facts.put("network", model.elements() + " weights, " + folder.size().textBytes() + " bytes of a prompt");
        folder.training().forEach((key, value) -> facts.put(key.replace('_', ' '), value));
        folder.agreement()
                .forEach((key, value) ->
                        facts.put("held-out " + key.replace('_', ' '), String.format(Locale.ROOT, "%.4g", value)));
        return facts;
    }

    @Override
    public void checkLatents(LatentSpace space) {
        LatentSpace known = folder.space();
        if (!known.equals(space)) {
            throw UserException.input(folder.path().normalize() + ": this reward was made for " + describe(known)
                    + ", but the checkpoint makes " + describe(space)
                    + "; train one for it: imagerl reward distil SCORES --checkpoint CHECKPOINT, with images of the"
                    + " size of the rollouts");
        }
    }

    private static String describe(LatentSpace space) {
        return "latents " + space.shape() + " of the autoencoder "
                + (space.autoencoder().isEmpty() ? "that has no fingerprint" : space.autoencoder());
    }

    @Override
    public NDArray latentScores(NDArray latents, List<Prompt> prompts) {
        return model.scores(latents, prompts);
    }

    @Override
    public void close() {
        model.close();
    }
}
