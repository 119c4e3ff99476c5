package org.imagerl.flow.hpt;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Batch;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.recipe.Groups;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * HPT, hybrid post-training (Lv et al., Towards a Unified View of Large Language Model Post-Training, 2025, arXiv
 * 2509.04419, as in the published code): with P the share of a prompt's images whose reward is at least
 * {@code success},
 *
 * <pre>
 * P &lt;= gate:          coefficient e(demonstration of the prompt), in the place of each of its images, which are dropped
 * gate &lt; P &lt;= band:   nothing: the advantages of its images are 0
 * P &gt; both:           the policy-gradient loss of the recipe on the prompt's images
 * </pre>
 *
 * <p>In the paper a demonstration is a written solution and its loss the negative log-likelihood. Here it is an image
 * on disk, and its loss the matching error e of its latents, measured as an error of velocities, at a time and a noise
 * of their own for each dropped image and pass; which demonstration, where a prompt has several, is drawn too. The
 * paper's answers are right or wrong, so that {@code success} is a setting here. In the published code the middle band
 * drops the images too and trains a demonstration as an off-policy sample, for which an image on disk has no old
 * density; its published runs have an empty band. Here such a prompt is left out; a penalty goes on acting on its
 * images. The unified view of the paper, that both are one gradient, is about the form of gradients and no claim about
 * images. The policy is trained on demonstrations with the guidance of the rollouts: without guidance
 * ({@code rollout.guidance: 1}) it is the plain loss of pretraining.
 */
final class HptObjective implements Objective {
    private final HptConfig config;
    private final Recipe recipe;
    private final Demonstrations demonstrations;

    /**
     * @param recipe the policy gradient of the prompts that are not switched
     * @param demonstrations closed with the objective
     */
    HptObjective(HptConfig config, Recipe recipe, DataSource demonstrations) {
        this.config = config;
        this.recipe = recipe;
        this.demonstrations = new Demonstrations(demonstrations, config.times(), config.coefficient());
    }

    @Override
    public Needs needs() {
        return recipe.needs();
    }

    @Override
    public @Nullable UpdateSurvey survey() {
        return recipe.survey();
    }

    @Override
    public TrainingUnit unit() {
        return recipe.unit();
    }

    @Override
    public void check(Prompt prompt) {
        demonstrations.check(prompt);
    }

    @Override
    public void checkSize(int width, int height) {
        demonstrations.checkSize(new ImageSize(width, height));
    }

    @Override
    public void checkSteps(int steps) {
        config.times().check(steps);
    }

    @Override
    public List<Path> files() {
        return demonstrations.files();
    }

    @Override
    public int passes(Batch batch) {
        return recipe.passes(batch);
    }

    @Override
    public int furtherCalls() {
        return recipe.furtherCalls();
    }

    /** Switches prompts of which too few images succeeded. */
    @Override
    public Advantages credit(List<String> groups, double[] rewards, Advantages advantages) {
        boolean[] switched = new boolean[rewards.length];
        boolean[] leftOut = new boolean[rewards.length];
        for (int[] group : Groups.ofNumbers(groups, rewards)) {
            double right = Arrays.stream(group)
                    .filter(i -> rewards[i] >= config.success())
                    .count();
            double share = right / group.length;
            if (share <= config.gate()) {
                Arrays.stream(group).forEach(i -> switched[i] = true);
            } else if (share <= config.band()) {
                Arrays.stream(group).forEach(i -> leftOut[i] = true);
            }
        }
        return without(leftOut, advantages).demonstrated(switched);
    }

    /** Advantages that are 0 for some samples, at all of their steps. */
    private static Advantages without(boolean[] leftOut, Advantages advantages) {
        double[] samples = advantages.samples().clone();
        double[][] steps =
                advantages.steps() == null ? null : advantages.steps().clone();
        for (int i = 0; i < samples.length; i++) {
            if (leftOut[i]) {
                samples[i] = 0;
                if (steps != null) {
                    steps[i] = new double[steps[i].length];
                }
            }
        }
        return new Advantages(samples, steps, null);
    }

    @Override
    public Loss loss(Policy policy, Batch batch, int pass) {
        int[] shown = rows(batch, true);
        if (shown.length == 0) {
            Loss own = recipe.loss(policy, batch, pass);
            own.metrics().mean("demonstrated_share", 0);
            return own;
        }
        int[] sampled = rows(batch, false);
        double share = (double) shown.length / batch.samples().length;
        NDManager manager = batch.trajectories()
                .state(batch.trajectories().kernel().steps())
                .getManager();
        Loss matched = demonstrations.loss(
                policy, Gradients.off(() -> batch.rows(manager, shown)), pass, recipe.passes(batch));
        Metrics metrics = new Metrics().mean("demonstrated_share", share).add(matched.metrics(), share);
        NDArray value = Kernels.scale(matched.value(), share);
        if (sampled.length > 0) {
            Loss own = recipe.loss(policy, Gradients.off(() -> batch.rows(manager, sampled)), pass);
            metrics.add(own.metrics(), 1 - share);
            value = value.add(Kernels.scale(own.value(), 1 - share));
        }
        return new Loss(value, metrics);
    }

    private static int[] rows(Batch batch, boolean demonstrated) {
        return IntStream.range(0, batch.samples().length)
                .filter(row -> batch.advantages().isDemonstrated(row) == demonstrated)
                .toArray();
    }

    @Override
    public void close() {
        recipe.close();
        demonstrations.close();
    }
}
