package org.imagerl.toolkit.latent;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.State;
import org.imagerl.spi.Stateful;
import org.imagerl.spi.reward.LatentReward;

/** A {@link DistilledReward} that is trained further during a run, on what the policy samples then. Its weights are part of the run's state. */
public final class RefreshedReward implements LatentReward, Stateful {
    private static final int BATCH = 64;
    private static final double NOISE = 0.1;

    private final DistilledReward reward;
    private final LatentModel model;
    private final DistilledReward.Refresh refresh;

    RefreshedReward(DistilledReward reward, LatentModel model, DistilledReward.Refresh refresh) {
        this.reward = reward;
        this.model = model;
        this.refresh = refresh;
    }

    /** How it is trained. */
    public DistilledReward.Refresh refresh() {
        return refresh;
    }

    /** Its estimates of samples, in their order. */
    public double[] scores(List<LatentSample> samples) {
        return model.scores(samples);
    }

    /**
     * Trains it on scores of its teacher.
     *
     * @param seed of order and noise
     */
    public void learn(List<LatentSample> samples, long seed) {
        // the shape is the model's own
        DistillationSettings settings = new DistillationSettings(
                DistillationSettings.HEADS, 1, 0, refresh.passes(), BATCH, refresh.learningRate(), NOISE, seed);
        model.train(samples, settings, (stage, done, total, detail) -> {});
    }

    @Override
    public State state() {
        return State.NONE.with(model.tensors());
    }

    @Override
    public Spec spec() {
        return reward.spec();
    }

    @Override
    public List<Path> files() {
        return reward.files();
    }

    @Override
    public Map<String, String> facts() {
        return reward.facts();
    }

    @Override
    public void checkLatents(LatentSpace space) {
        reward.checkLatents(space);
    }

    @Override
    public NDArray latentScores(NDArray latents, List<Prompt> prompts) {
        return reward.latentScores(latents, prompts);
    }

    @Override
    public void close() {
        reward.close();
    }
}
