package org.imagerl.training.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Checkpointing;
import org.imagerl.spi.Objective;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.text.Count;
import org.imagerl.toolkit.sampling.Correction;
import org.imagerl.toolkit.sampling.PolicyGuidance;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.RolloutConfig;
import org.imagerl.training.config.RunConfig;

/**
 * What a run will make and about how long it will take, from one measured batch, or from a few images on a processor: the
 * denoiser and the decoder are run a few times, nothing is trained, no random stream is used. A pass of an update counts as many forward passes as were
 * measured, and what checkpointing runs again as {@link #checkpointed} says. Rewards are not measured; they are scored beside the rollout.
 *
 * @param epochs to be trained
 * @param images per epoch
 * @param rolloutEvaluations latents that the denoiser is asked about in the rollouts of an epoch, each branch of guidance by itself
 * @param updateEvaluations the same in the forward passes of an epoch's updates
 * @param evaluations how often the held-out prompts are sampled
 * @param evaluationImages images of one evaluation
 * @param secondsPerImage of one denoiser step, both branches of guidance
 * @param secondsRollout of an epoch
 * @param secondsUpdate of an epoch
 * @param secondsEvaluation of one evaluation
 * @param memory what the run holds
 */
public record Plan(
        long epochs,
        long images,
        long rolloutEvaluations,
        long updateEvaluations,
        long evaluations,
        long evaluationImages,
        double secondsPerImage,
        double secondsRollout,
        double secondsUpdate,
        double secondsEvaluation,
        MemoryEstimate memory) {
    /** Beyond this a person wants to know before it starts. */
    private static final double LONG_SECONDS = 86_400;

    private static final int MEASUREMENTS = 5;

    /** Measuring costs about as much as this share of the run's rollouts at most, but for the first call. */
    private static final int SHARE = 10;

    /** A forward and a backward pass through weights that are frozen, beside which an adapter is trained, in forward passes. */
    private static final double ADAPTER_PASS = 2.2;

    /** The same where the gradients of all weights are computed. */
    private static final double FULL_PASS = 3;

    /** A checkpointed pass of a UNet of which no convolution is trained over one that is not, as measured at the size of Stable Diffusion 1.5. */
    private static final double CHECKPOINTED_UNET = 1.05;

    /** The same in the least memory. */
    private static final double LEAST_MEMORY_UNET = 1.25;

    private static final int CONVOLUTION_DIMENSIONS = 4;

    /**
     * Opens what a run needs, measures, and closes it again; writes nothing.
     *
     * @throws org.imagerl.spi.UserException if something is wrong, as when it is started
     */
    public static Plan of(EffectiveConfig effective, Registry registry, Consumer<String> notices) {
        try (OpenRun run = OpenRun.open(PreparedRun.of(effective, registry, notices), registry, notices)) {
            notices.accept("plan: measuring the time of a step of a rollout and of decoding");
            return of(run, run.config().epochs(), MeasuredTimes.Care.WHOLE).withPeaks(run, notices);
        }
    }

    private Plan withPeaks(OpenRun run, Consumer<String> notices) {
        return new Plan(
                epochs,
                images,
                rolloutEvaluations,
                updateEvaluations,
                evaluations,
                evaluationImages,
                secondsPerImage,
                secondsRollout,
                secondsUpdate,
                secondsEvaluation,
                memory.measured(run, batch(run.config(), images), notices));
    }

    /** Images sampled at a time. */
    private static int batch(RunConfig config, long images) {
        return (int) Math.min(images, config.rollout().batchSize());
    }

    /**
     * The same for a run that is about to begin, without peaks, from a few images.
     *
     * @param epochs that are left
     */
    static Plan before(OpenRun run, long epochs) {
        return of(run, epochs, MeasuredTimes.Care.SHORT);
    }

    private static Plan of(OpenRun run, long epochs, MeasuredTimes.Care care) {
        RunConfig config = run.config();
        RolloutConfig rollout = config.rollout();
        long images = (long) rollout.promptsPerEpoch() * run.parts().imagesPerPrompt();
        boolean sampled = run.parts().data() == null;
        int batch = batch(config, images);
        PolicyGuidance led = rollout.ledByPolicy();
        int rolloutCalls = rollout.steps() + (led == null ? 0 : led.furtherCalls(rollout.steps()));
        long calls = epochs * rolloutCalls * ((images + batch - 1) / batch);
        MeasuredTimes measured =
                MeasuredTimes.measure(run, batch, (int) Math.min(MEASUREMENTS, 1 + calls / SHARE), care);
        long passes = measured.passes();
        RunConfig.Evaluation held = config.evaluation();
        long heldOut = held == null ? 0 : (long) run.prompts().heldOut().size() * held.samplesPerPrompt();
        Integer own = held == null ? null : held.steps();
        int evaluationSteps = own == null ? rollout.steps() : own;
        Correction correction = held == null ? Correction.NONE : held.correction();
        int evaluationCalls = evaluationSteps + correction.furtherCalls(evaluationSteps);
        double pass = pass(config, run.runtime());
        long trained = images * config.optimiser().innerEpochs() * passes;
        int trainedBranches = config.trainedGuidance() == 1 ? 1 : 2;
        double trainedShare = (double) trainedBranches / measured.branches();
        Objective objective = run.parts().objective();
        UpdateSurvey survey = objective.survey();
        long further = trained * (objective.furtherCalls() + (survey == null ? 0 : survey.calls()))
                + images * measured.compared();
        return new Plan(
                epochs,
                images,
                sampled ? images * rolloutCalls * measured.branches() : 0,
                (trained + further) * trainedBranches,
                held == null ? 0 : epochs / config.run().evaluateEvery() + 1,
                heldOut,
                measured.step(),
                images
                        * ((sampled ? rolloutCalls * measured.step() : 0)
                                + (decodes(run) ? measured.decode() : 0)), // encoding costs about as much
                objective.trains() ? (pass * trained + further) * measured.step() * trainedShare : 0,
                heldOut * (evaluationCalls * measured.step() + measured.decode()),
                MemoryEstimate.of(run.runtime(), config, batch));
    }

    private static double pass(RunConfig config, PolicyRuntime runtime) {
        double pass = config.tuning() instanceof TuningSpec.Full ? FULL_PASS : ADAPTER_PASS;
        return config.memory().checkpointing().on()
                ? checkpointed(
                        config.memory().checkpointing(),
                        pass,
                        runtime.pipeline().weightBytes().keySet(),
                        runtime.tuning().parameters().values().stream().map(NDArray::getShape))
                : pass;
    }

    /**
     * A pass with checkpointing, in forward passes: a UNet of which no convolution is trained runs again only a part.
     *
     * @param how on
     * @param pass without checkpointing
     * @param components of the checkpoint
     * @param trained shapes of what is trained
     */
    static double checkpointed(Checkpointing how, double pass, Set<String> components, Stream<Shape> trained) {
        boolean frozen = trained.noneMatch(shape -> shape.dimension() == CONVOLUTION_DIMENSIONS);
        if (!frozen || !components.contains("unet")) {
            return pass + 1;
        }
        return pass * (how.least() ? LEAST_MEMORY_UNET : CHECKPOINTED_UNET);
    }

    /** Whether images are decoded in rollouts, or encoded in their place. */
    private static boolean decodes(OpenRun run) {
        return run.config().data() != null
                || new SampleScores(run.rewards().first(run.config().rewards().size())).needImages();
    }

    /** The seconds of the whole run, without rewards and sample grids. */
    public double seconds() {
        return epochs * (secondsRollout + secondsUpdate) + evaluations * secondsEvaluation;
    }

    /** Whether the run takes more than a day. */
    public boolean isLong() {
        return seconds() > LONG_SECONDS;
    }

    /** A line for the user before a run starts. */
    String line() {
        String about = Count.of(epochs, "epoch") + " of " + Count.of(images, "image") + " will take about "
                + duration(seconds())
                + String.format(
                        Locale.ROOT,
                        " without rewards (%.2g s per image and denoiser step, measured on one batch)",
                        secondsPerImage);
        return isLong()
                ? "warning: " + about
                        + "; fewer rollout.steps, prompts_per_epoch, samples_per_prompt or epochs, a smaller"
                        + " rollout.width and height, or a GPU (docs/gpu.md) shorten it"
                : about;
    }

    /** {@code 40 seconds}, {@code 8 minutes}, {@code 5.2 hours}, {@code 12 days}. */
    public static String duration(double seconds) {
        if (seconds < 100) {
            return String.format(Locale.ROOT, "%.0f seconds", seconds);
        }
        if (seconds < 100 * 60) {
            return String.format(Locale.ROOT, "%.0f minutes", seconds / 60);
        }
        return seconds < 2 * LONG_SECONDS
                ? String.format(Locale.ROOT, "%.1f hours", seconds / 3600)
                : String.format(Locale.ROOT, "%.0f days", seconds / LONG_SECONDS);
    }
}
