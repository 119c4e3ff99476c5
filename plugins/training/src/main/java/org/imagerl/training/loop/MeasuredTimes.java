package org.imagerl.training.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Batch;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.config.TrainedSteps;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of a run that is open, on a batch or on a few images: the denoiser and the decoder are run a few times, nothing is trained, and no
 * random stream is used.
 *
 * @param passes trained passes per image
 * @param compared calls per image before the first update
 * @param branches of guidance, 1 or 2
 * @param step seconds per image of a denoiser step, all branches
 * @param decode seconds per image of decoding
 */
record MeasuredTimes(long passes, long compared, int branches, double step, double decode) {

    /** How much is measured. */
    enum Care {
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

    /**
     * Measures.
     *
     * @param batch images that the run samples at a time
     * @param times how often at most
     */
    static MeasuredTimes measure(OpenRun run, int batch, int times, Care care) {
        if (run.runtime().pipeline().manager().getDevice().isGpu()) {
            return measured(run, batch, times, care);
        }
        int few = Math.min(FEW, batch);
        MeasuredTimes first = measured(run, few, times, care);
        boolean fewCalls = care == Care.SHORT && times == 1;
        if (batch == few || fewCalls || first.step() * few >= LONG_CALL_SECONDS) {
            return first;
        }
        int more = Math.min(MORE, batch);
        MeasuredTimes second = measured(run, more, times, care);
        return new MeasuredTimes(
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

    private static MeasuredTimes measured(OpenRun run, int size, int times, Care care) {
        List<Prompt> train = run.prompts().train();
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            prompts.add(run.prompts().drawn(train.get(i % train.size()), 0, i));
        }
        TransitionKernel kernel =
                run.runtime().sampling().kernel(run.runtime().sampling().rolloutKernel(0));
        try (NDManager manager = run.runtime().pipeline().manager().newSubManager()) {
            List<MeasuredTimes> found = new ArrayList<>();
            Scope.run(() ->
                    Gradients.off(() -> found.add(measured(run, kernel, prompts, manager, times, care.enoughSeconds))));
            return found.get(0);
        }
    }

    private static MeasuredTimes measured(
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
        return new MeasuredTimes(passes(run, batch), compared(run, kernel), branches, step / size, decode / size);
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
