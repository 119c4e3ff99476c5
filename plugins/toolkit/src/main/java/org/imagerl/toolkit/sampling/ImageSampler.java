package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.function.IntConsumer;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Guidance;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/** Makes images from prompts and seeds by a {@link Sampler} and the pipeline's decoder. */
public final class ImageSampler {
    private final Pipeline pipeline;
    private final Sampler sampler;

    /**
     * How images are made.
     *
     * @param steps from noise to image
     * @param guidance scale of classifier-free guidance; 1 is none, at half the cost
     * @param negativePrompt what guidance leads away from
     * @param width pixels
     * @param height pixels
     * @param rule of guidance
     */
    public record Settings(int steps, double guidance, String negativePrompt, int width, int height, Guidance rule) {
        /** Denoiser calls per image where nothing is said: of the command line and of DJL's criteria. */
        public static final int DEFAULT_STEPS = 50;
        /** Scale of classifier-free guidance where nothing is said; that of a run in {@code defaults.yaml}, too. */
        public static final double DEFAULT_GUIDANCE = 5;

        /** With classifier-free guidance. */
        public Settings(int steps, double guidance, String negativePrompt, int width, int height) {
            this(steps, guidance, negativePrompt, width, height, new ClassifierFreeGuidance());
        }
    }

    /** @throws UserException if the size does not fit the checkpoint or the dynamics do not fit its schedule */
    public ImageSampler(Pipeline pipeline, Dynamics dynamics, Settings settings) {
        this(pipeline, dynamics, settings, null);
    }

    /**
     * For samples that begin with an image.
     *
     * @param image of the size of the samples; null: they begin with noise alone
     * @throws UserException if the checkpoint cannot begin with an image, or needs one; and as the other
     */
    public ImageSampler(Pipeline pipeline, Dynamics dynamics, Settings settings, @Nullable ImageStart image) {
        this(pipeline, dynamics, settings, image, null);
    }

    /**
     * A checkpoint that samples are corrected towards.
     *
     * @param pipeline stays open as long as the sampler is used
     * @param correction how far, and at which steps
     */
    public record Reference(Pipeline pipeline, Correction correction) {}

    /**
     * For samples that are corrected towards another checkpoint of the same shape, after CDSA ({@link GuidedPolicy#towardsReference}).
     *
     * @param image of the size of the samples; null: they begin with noise alone
     * @param reference the other checkpoint; null: they are not corrected
     */
    public ImageSampler(
            Pipeline pipeline,
            Dynamics dynamics,
            Settings settings,
            @Nullable ImageStart image,
            @Nullable Reference reference) {
        if (pipeline.paintsIn() && (image == null || image.mask() == null)) {
            throw UserException.input(
                    "the denoiser of this checkpoint paints into images (StableDiffusionInpaintPipeline):"
                            + " it needs an image and a mask (sample: --image and --mask)");
        }
        this.pipeline = pipeline;
        ImageSize size = new ImageSize(settings.width(), settings.height());
        GuidedPolicy.Settings guiding =
                new GuidedPolicy.Settings(settings.guidance(), settings.negativePrompt(), size, false, settings.rule());
        GuidedPolicy own = new GuidedPolicy(pipeline, null, guiding);
        Schedule schedule = pipeline.schedule(settings.width(), settings.height());
        TransitionKernel whole = dynamics.kernel(schedule, settings.steps());
        ImageStarts starts = image == null ? null : new ImageStarts(image.strength(), prompt -> image);
        TransitionKernel kernel = starts == null ? whole : starts.last(whole, schedule, settings.steps());
        sampler = new Sampler(
                reference == null
                        ? own
                        : own.towards(
                                new GuidedPolicy(reference.pipeline(), null, guiding), reference.correction(), kernel),
                kernel,
                pipeline.latentShape(settings.width(), settings.height()),
                WeightSet.LIVE,
                starts);
    }

    /** Denoiser calls per image, each branch of guidance counted once. */
    public int calls() {
        return sampler.calls();
    }

    /**
     * Makes images. An image depends on its prompt and its seed, not on what is made with it.
     *
     * @param seeds one per prompt
     * @throws IllegalArgumentException if there are not as many seeds as prompts
     * @throws UserException if a sample has values that are NaN or infinite, naming the component that gave them
     */
    public List<RgbImage> images(List<Prompt> prompts, long... seeds) {
        return SampledImages.all(attempts(prompts, seeds, step -> {}));
    }

    /**
     * As {@link #images}, for callers that can do with some of them.
     *
     * @param onStep takes the number of steps done
     * @return one for each prompt, with the reason where there is no image
     */
    public List<ImageOrReason> attempts(List<Prompt> prompts, long[] seeds, IntConsumer onStep) {
        try (NDManager scratch = pipeline.manager().newSubManager()) {
            return SampledImages.of(pipeline, sampler.sample(scratch, prompts, seeds, Sampler.Keep.LAST, onStep));
        }
    }

    /**
     * The same as a tensor.
     *
     * @param manager owns the result
     * @return float32 {@code [B, 3, H, W]} in 0..1
     * @throws UserException if a sample has values that are NaN or infinite, naming the component that gave them
     */
    public NDArray sample(NDManager manager, List<Prompt> prompts, long[] seeds, IntConsumer onStep) {
        try (NDManager scratch = pipeline.manager().newSubManager()) {
            Trajectories made = sampler.sample(scratch, prompts, seeds, Sampler.Keep.LAST, onStep);
            NDArray decoded =
                    Gradients.off(() -> pipeline.decode(made.state(made.kernel().steps())));
            SampledImages.all(SampledImages.explained(ImageTensors.convert(decoded), made));
            decoded.attach(manager);
            return Scope.keep(decoded);
        }
    }
}
