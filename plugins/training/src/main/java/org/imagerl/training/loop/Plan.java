package org.imagerl.training.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Checkpointing;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.text.Count;
import org.imagerl.toolkit.sampling.Correction;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.sampling.PolicyGuidance;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.RolloutConfig;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.config.TrainedSteps;
import org.jspecify.annotations.Nullable;

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

    /** How much is measured. */
    private enum Care {
        /** For the command {@code plan}: a whole batch is measured. */
        WHOLE(0.5),
        /** Before a run, which waits for it: a few images, and on a processor whose calls are short some more. */
        SHORT(0.05);

        /** Calls that took so long are measurement enough. */
        private final double enoughSeconds;

        Care(double enoughSeconds) {
            this.enoughSeconds = enoughSeconds;
        }
    }

    /** Measured first on a processor. */
    private static final int FEW = 1;

    /** And second, where they tell what a call takes beside its images; not before a run of few calls, which would wait for it as long as it takes. */
    private static final int MORE = 8;

    /** What warms up, and what a call takes beside its images, is small beside a call that took so long. */
    private static final double LONG_CALL_SECONDS = 0.5;

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
            return of(run, run.config().epochs(), Care.WHOLE).withPeaks(run, notices);
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
        return of(run, epochs, Care.SHORT);
    }

    private static Plan of(OpenRun run, long epochs, Care care) {
        RunConfig config = run.config();
        RolloutConfig rollout = config.rollout();
        long images = (long) rollout.promptsPerEpoch() * run.parts().imagesPerPrompt();
        boolean sampled = run.parts().data() == null;
        int batch = batch(config, images);
        PolicyGuidance led = rollout.ledByPolicy();
        int rolloutCalls = rollout.steps() + (led == null ? 0 : led.furtherCalls(rollout.steps()));
        long calls = epochs * rolloutCalls * ((images + batch - 1) / batch);
        Measured measured = measure(run, batch, (int) Math.min(MEASUREMENTS, 1 + calls / SHARE), care);
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

    /** Trained passes, calls before the first update, branches of guidance, and seconds per image of a denoiser step and of decoding. */
    private record Measured(long passes, long compared, int branches, double step, double decode) {}

    private static Measured measure(OpenRun run, int batch, int times, Care care) {
        if (run.runtime().pipeline().manager().getDevice().isGpu()) {
            return measured(run, batch, times, care);
        }
        int few = Math.min(FEW, batch);
        Measured first = measured(run, few, times, care);
        boolean fewCalls = care == Care.SHORT && times == 1;
        if (batch == few || fewCalls || first.step() * few >= LONG_CALL_SECONDS) {
            return first;
        }
        int more = Math.min(MORE, batch);
        Measured second = measured(run, more, times, care);
        return new Measured(
                second.passes(),
                second.compared(),
                second.branches(),
                inBatch(batch, few, first.step(), more, second.step()),
                inBatch(batch, few, first.decode(), more, second.decode()));
    }

    /** Seconds per image in a larger batch, of those in two small ones: a call takes some time, and some more for each image. */
    static double inBatch(int batch, int few, double inFew, int more, double inMore) {
        if (few == more) {
            return inMore;
        }
        double slope = (more * inMore - few * inFew) / (more - few);
        double call = more * inMore - more * slope;
        return slope <= 0 || call < 0 ? inMore : slope + call / batch;
    }

    private static Measured measured(OpenRun run, int size, int times, Care care) {
        List<Prompt> train = run.prompts().train();
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            prompts.add(run.prompts().drawn(train.get(i % train.size()), 0, i));
        }
        TransitionKernel kernel =
                run.runtime().sampling().kernel(run.runtime().sampling().rolloutKernel(0));
        try (NDManager manager = run.runtime().pipeline().manager().newSubManager()) {
            List<Measured> found = new ArrayList<>();
            Scope.run(() ->
                    Gradients.off(() -> found.add(measured(run, kernel, prompts, manager, times, care.enoughSeconds))));
            return found.get(0);
        }
    }

    private static Measured measured(
            OpenRun run,
            TransitionKernel kernel,
            List<Prompt> prompts,
            NDManager manager,
            int times,
            double enoughSeconds) {
        int size = prompts.size();
        GuidedPolicy policy = run.runtime().sampling().policy();
        ImageSize pixels = run.runtime().size();
        long[] shape = run.runtime().pipeline().latentShape(pixels.width(), pixels.height());
        NDArray latents = manager.zeros(new Shape(size, shape[0], shape[1], shape[2]), DataType.FLOAT32);
        Trajectories batch = trajectories(policy, kernel, prompts);
        double[] timesteps = new double[size];
        Arrays.fill(timesteps, kernel.timestep(0));
        double step = timed(times, enoughSeconds, () -> read(policy.output(WeightSet.LIVE, latents, timesteps, batch)));
        double decode = timed(times, enoughSeconds, () -> read(policy.decode(latents)));
        int branches = batch.conditioning().guided() ? 2 : 1;
        return new Measured(passes(run, batch), compared(run, kernel), branches, step / size, decode / size);
    }

    /** Calls per image for what the advantage asks about the rollouts. */
    private static long compared(OpenRun run, TransitionKernel kernel) {
        long noisy = IntStream.range(0, kernel.steps())
                .filter(step -> kernel.std(step) > 0)
                .count();
        RunParts parts = run.parts();
        return parts.rewardCombination().usesAdvantage()
                ? noisy * parts.advantage().needs().weights().size()
                : 0;
    }

    private static Trajectories trajectories(GuidedPolicy policy, TransitionKernel kernel, List<Prompt> prompts) {
        List<@Nullable NDArray> none = new ArrayList<>(Collections.nCopies(kernel.steps() + 1, null));
        return new Trajectories(kernel, prompts, policy.encodeToMeasure(prompts), none, none, none);
    }

    /** A GPU computes when it is asked for a number. */
    private static void read(NDArray computed) {
        computed.flatten().get("0").getFloat();
    }

    /** The fastest of several runs: the first warms up, and others may share the machine. One that took long is all the same not repeated. */
    private static double timed(int times, double enoughSeconds, Runnable body) {
        double fastest = Double.POSITIVE_INFINITY;
        double spent = 0;
        for (int run = 0; run < times && spent < (run == 1 ? LONG_CALL_SECONDS : enoughSeconds); run++) {
            double seconds = once(body);
            spent += seconds;
            fastest = Math.min(fastest, seconds);
        }
        return fastest;
    }

    private static double once(Runnable body) {
        long start = System.nanoTime();
        Scope.run(body);
        return (System.nanoTime() - start) / 1e9;
    }

    /** Trained passes per image; an objective that differentiates the path itself runs through all of its steps. */
    private static long passes(OpenRun run, Trajectories batch) {
        TransitionKernel kernel = batch.kernel();
        int[] noisy = IntStream.range(0, kernel.steps())
                .filter(step -> kernel.std(step) > 0)
                .toArray();
        int trained = noisy.length;
        if (run.config().algorithm().trainedSteps() instanceof TrainedSteps.Random random) {
            trained = Math.max(1, (int) (random.fraction() * noisy.length));
        } else if (run.config().algorithm().trainedSteps() instanceof TrainedSteps.Fixed fixed) {
            trained = (int)
                    fixed.steps().stream().filter(step -> kernel.std(step) > 0).count();
        }
        int[] steps = Arrays.copyOf(noisy, Math.min(trained, noisy.length));
        int passes = run.parts()
                .objective()
                .passes(new Batch(batch, new double[batch.size()], steps, true, 0, new int[batch.size()]));
        return passes > 0 ? passes : run.config().rollout().steps();
    }
}
