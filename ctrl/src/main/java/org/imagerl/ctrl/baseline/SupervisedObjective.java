package org.imagerl.ctrl.baseline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.imagerl.ctrl.control.Control;
import org.imagerl.ctrl.control.ControlScale;
import org.imagerl.ctrl.data.LabelledImages;
import org.imagerl.images.EmbeddedPrompt;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Context;
import org.imagerl.spi.FormerName;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.path.PathDivergence;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * {@code ctrl-supervised}, the baseline that learns p(x | c, y) from labelled images as a checkpoint is trained: the squared error of the
 * denoiser's prediction at a random time (Ho, Jain, Abbeel, Denoising Diffusion Probabilistic Models, 2020, arXiv
 * 2006.11239, eq. 14), some images without class, some without prompt (Ho, Salimans, Classifier-Free Diffusion
 * Guidance, 2022, arXiv 2207.12598, algorithm 1). The prompt of an image is the text {@code prompt} in its PNG file.
 * Rollouts are watched, not trained on; for each of them some labelled images are drawn.
 */
public final class SupervisedObjective implements Objective {

    /**
     * The settings of the training.
     *
     * @param data the labelled images
     * @param seed which of them, if not all
     * @param dropout share of the images without class, and of those without prompt
     * @param imagesPerSample labelled images in an update for each image of a rollout
     */
    public record Config(
            LabelledImages.Source data,
            long seed,
            double dropout,
            @FormerName("pictures_per_sample") int imagesPerSample) {
        /** Checks the ranges. */
        public Config {
            if (!(dropout >= 0 && dropout < 1)) {
                throw new IllegalArgumentException("dropout must be from 0 to below 1");
            }
            if (imagesPerSample < 1) {
                throw new IllegalArgumentException("images_per_sample must be at least 1");
            }
        }

        /** The defaults; {@code data} has none and is required. */
        public static Config defaults() {
            return new Config(LabelledImages.Source.defaults(), 0, 0.1, 4);
        }
    }

    private final Config config;
    private final Context context;
    private @Nullable LabelledImages data;

    /** Makes sure that the folder exists. */
    public SupervisedObjective(Config config, Context context) {
        this.config = config;
        this.context = context;
        Path folder = context.folder().resolve(config.data().folder());
        if (!Files.isDirectory(folder)) {
            throw UserException.input(folder + ": there is no such folder of images");
        }
    }

    @Override
    public Needs needs() {
        return new Needs(false, true, Set.of(WeightSet.REFERENCE));
    }

    @Override
    public boolean maximisesRewards() {
        return false;
    }

    /** Refuses prompts with gammas, because labelled images have none. */
    @Override
    public void check(Prompt prompt) {
        if (ControlScale.of(prompt).isPresent()) {
            throw UserException.input("prompt " + prompt.id() + ": has the field " + Control.STRENGTH
                    + ", but labelled images teach no gamma; remove augmentation.gammas and gamma_range");
        }
    }

    @Override
    public void checkSize(int width, int height) {
        LabelledImages.Source data = config.data();
        if (data.width() != width || data.height() != height) {
            throw UserException.input("algorithm.objective.data: its images are " + data.width() + " x "
                    + data.height() + ", but the run makes " + width + " x " + height
                    + "; give images of that size and set data.width and data.height, or rollout.width and"
                    + " rollout.height");
        }
    }

    /** The tables of labels; the images themselves are too many to be listed. */
    @Override
    public List<Path> files() {
        return config.data().tables(context);
    }

    /** Reads the data at their first use, because a reward may have to label them. */
    private synchronized LabelledImages data(Trajectories rollouts) {
        LabelledImages ready = data;
        if (ready == null) {
            ready = LabelledImages.read(config.data(), config.seed(), context, context.warnings());
            requireTold(ready.controls(), rollouts.prompts().get(0));
            warnOfNoCaptions(ready);
            data = ready;
        }
        return ready;
    }

    private void warnOfNoCaptions(LabelledImages images) {
        long without = images.images().stream()
                .filter(image -> caption(image.file()).isEmpty())
                .count();
        if (without > 0) {
            context.warnings()
                    .accept("warning: " + without + " of " + images.images().size()
                            + " labelled images have no prompt in their files (imagerl sample writes it, and most"
                            + " programs that make images): they are trained with the empty prompt");
        }
    }

    private void requireTold(List<Control> controls, Prompt prompt) {
        check(prompt); // of a range gammas are drawn
        for (Control control : controls) {
            control.required(prompt); // also sees that the classes are as many
        }
        Control.requireJudged(prompt, controls, "the labels");
    }

    @Override
    public Metrics backward(Policy policy, Batch batch, double weight) {
        double[] loss = new double[1];
        try (NDManager scratch = batch.trajectories()
                .state(batch.trajectories().kernel().steps())
                .getManager()
                .newSubManager()) {
            Drawn drawn = draw(data(batch.trajectories()), batch);
            Scope.run(() -> {
                NDArray clean = policy.latents(ImageTensors.toTensor(scratch, drawn.images));
                NDArray noise = Gradients.off(() -> noise(scratch, drawn.seeds, clean));
                Gradients.record(recording -> {
                    NDArray error = error(policy, batch.trajectories(), drawn, clean, noise);
                    recording.backward(Kernels.scale(error, weight));
                    loss[0] = error.stopGradient().getFloat();
                    return error;
                });
            });
        }
        return Metrics.means(PathDivergence.of(policy, batch)).mean("matching_loss", loss[0]);
    }

    /** Images, their prompts, and the seeds of their noise. */
    private record Drawn(List<RgbImage> images, List<Prompt> prompts, List<Double> positions, List<Long> seeds) {}

    private Drawn draw(LabelledImages images, Batch batch) {
        Drawn drawn = new Drawn(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        RandomStreams random = new RandomStreams(batch.seed());
        for (int sample : batch.samples()) {
            for (int k = 0; k < config.imagesPerSample(); k++) {
                SplittableRandom choices = random.stream("labelled picture", sample, k);
                LabelledImages.Labelled image =
                        images.images().get(choices.nextInt(images.images().size()));
                LabelledImages.Source source = config.data();
                drawn.images.add(LabelledImages.decode(image.file(), source));
                drawn.prompts.add(prompt(images.controls(), image, choices));
                drawn.positions.add(choices.nextDouble());
                drawn.seeds.add(random.seed("noise of a labelled picture", sample, k));
            }
        }
        return drawn;
    }

    private Prompt prompt(List<Control> controls, LabelledImages.Labelled image, SplittableRandom choices) {
        boolean withClass = choices.nextDouble() >= config.dropout();
        boolean withText = choices.nextDouble() >= config.dropout();
        Map<String, String> classes = new LinkedHashMap<>();
        for (int k = 0; withClass && k < controls.size(); k++) {
            classes.put(controls.get(k).name(), Integer.toString(image.classes()[k]));
        }
        return new Prompt("", withText ? caption(image.file()) : "", classes);
    }

    private static String caption(Path file) {
        return EmbeddedPrompt.read(file).text();
    }

    private static NDArray noise(NDManager manager, List<Long> seeds, NDArray like) {
        NDArray all = null;
        for (long seed : seeds) {
            NDArray one = Kernels.randn(manager, seed, like.getShape().slice(1)).expandDims(0);
            all = all == null ? one : all.concat(one, 0);
        }
        return all == null ? like.zerosLike() : all;
    }

    private static NDArray error(Policy policy, Trajectories rollouts, Drawn drawn, NDArray clean, NDArray noise) {
        int count = drawn.prompts.size();
        double[] timesteps = new double[count];
        double[][] mix = new double[4][count];
        for (int i = 0; i < count; i++) {
            timesteps[i] = policy.schedule().timestep(drawn.positions.get(i));
            AlphaSigma at = policy.schedule().at(timesteps[i]);
            mix[0][i] = at.alpha();
            mix[1][i] = at.sigma();
            mix[2][i] = at.onX0();
            mix[3][i] = at.onEps();
        }
        NDArray noisy = PerSample.mixed(clean, mix[0], noise, mix[1]);
        NDArray target = PerSample.mixed(clean, mix[2], noise, mix[3]);
        // Without guidance, which is for sampling.
        Conditioning conditioning =
                new Conditioning(policy.encode(drawn.prompts).positive(), Map.of());
        int steps = rollouts.kernel().steps();
        List<@Nullable NDArray> none = Collections.nCopies(steps, null);
        Trajectories asked = new Trajectories(
                rollouts.kernel(), drawn.prompts, conditioning, Collections.nCopies(steps + 1, null), none);
        NDArray error = policy.output(WeightSet.LIVE, noisy, timesteps, asked).sub(target);
        return error.mul(error).mean();
    }
}
