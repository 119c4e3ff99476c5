package org.imagerl.flow.hpt;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Batch;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.Groups;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
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
    private final DataSource demonstrations;

    /** That of the run; known once its checkpoint is open. */
    private volatile @Nullable ImageSize size;

    /**
     * @param recipe the policy gradient of the prompts that are not switched
     * @param demonstrations closed with the objective
     */
    HptObjective(HptConfig config, Recipe recipe, DataSource demonstrations) {
        this.config = config;
        this.recipe = recipe;
        this.demonstrations = demonstrations;
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
        if (demonstrations.examples(prompt.text()).length == 0) {
            throw UserException.input("algorithm.objective.demonstrations: has no image for the prompt "
                    + Quote.of(prompt.text()) + "; add one, or leave the prompt out");
        }
    }

    @Override
    public void checkSize(int width, int height) {
        ImageSize own = new ImageSize(width, height);
        if (demonstrations.sizes(own).size() > 1) {
            throw UserException.input("algorithm.objective.demonstrations: has buckets, and its images are trained"
                    + " beside rollouts, which have one size; leave buckets out");
        }
        demonstrations.check(own);
        size = own;
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
        Loss matched =
                matched(policy, Gradients.off(() -> demonstrated(policy, batch.rows(manager, shown), pass)), pass);
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

    private Loss matched(Policy policy, Batch demonstrated, int pass) {
        NoisedImages noised = NoisedImages.draw(
                policy, demonstrated, config.times(), pass, recipe.passes(demonstrated), demonstrated.samples());
        NDArray error = noised.errors(noised.output(policy, WeightSet.LIVE, demonstrated), PredictionError.VELOCITY)
                .mean();
        double number = error.stopGradient().getDouble();
        return new Loss(
                Kernels.cast(Kernels.scale(error, config.coefficient()), DataType.FLOAT32),
                new Metrics().mean("demonstration_error", number));
    }

    /** The same prompts with demonstrations as their finished images. */
    private Batch demonstrated(Policy policy, Batch batch, int pass) {
        Trajectories rollouts = batch.trajectories();
        ImageSize own = size;
        if (own == null) {
            throw new IllegalStateException("the size of images was not checked");
        }
        List<RgbImage> images = new ArrayList<>();
        for (int row = 0; row < rollouts.size(); row++) {
            int[] known = demonstrations.examples(rollouts.prompts().get(row).text());
            int drawn = new RandomStreams(batch.seed())
                    .stream("demonstration", batch.samples()[row], pass).nextInt(known.length);
            images.add(demonstrations.image(
                    demonstrations.example(known[drawn]).images().get(0), own));
        }
        int steps = rollouts.kernel().steps();
        NDManager manager = rollouts.state(steps).getManager();
        List<@Nullable NDArray> states = new ArrayList<>(Collections.nCopies(steps + 1, null));
        states.set(steps, policy.latents(ImageTensors.toTensor(manager, images)));
        return batch.of(new Trajectories(
                rollouts.kernel(),
                rollouts.prompts(),
                rollouts.conditioning(),
                states,
                new ArrayList<>(Collections.nCopies(steps, null))));
    }

    @Override
    public void close() {
        recipe.close();
        demonstrations.close();
    }
}
