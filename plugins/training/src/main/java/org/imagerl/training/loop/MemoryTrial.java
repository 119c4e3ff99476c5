package org.imagerl.training.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.LossTerms;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.GaussianNoise;
import org.imagerl.toolkit.tensor.DeviceMemory;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.imagerl.training.work.GradientUnit;
import org.imagerl.training.work.WorkCost;
import org.jspecify.annotations.Nullable;

/**
 * Computes one step of a batch of a rollout, or one pass of a micro-batch of an update, on latents that are made up, to see what memory it
 * takes. Nothing is trained, and no random stream is used.
 *
 * @param run whose batches they are
 * @param memory of the device
 */
record MemoryTrial(OpenRun run, DeviceMemory memory) {

    /** A trial for a run, with the memory of its device. */
    static MemoryTrial of(OpenRun run) {
        return new MemoryTrial(
                run, DeviceMemory.of(run.runtime().pipeline().manager().getDevice()));
    }

    /** The fewest images that an update trains on together. */
    int leastUpdate() {
        return switch (run.parts().objective().unit()) {
            case SAMPLE -> 1;
            case PAIR -> 2;
            case GROUP -> run.parts().imagesPerPrompt();
        };
    }

    /** The most bytes in use while workers sample and decode batches of so many images. */
    long rollout(int images) {
        return Math.max(step(images).bytes(), decode(images).bytes());
    }

    /** Workers compute a step of batches of so many images. */
    BatchPeak.Took step(int images) {
        return took(
                images,
                batch -> Gradients.off(() -> {
                    read(output(0, last(batch), batch));
                    return batch;
                }));
    }

    /** Workers decode so many images. */
    BatchPeak.Took decode(int images) {
        return took(
                images,
                batch -> Gradients.off(() -> {
                    read(run.runtime().sampling().policy().decode(last(batch)));
                    return batch;
                }));
    }

    private static NDArray last(Trajectories batch) {
        return batch.state(batch.kernel().steps());
    }

    /** Workers differentiate micro-batches of so many images. */
    BatchPeak.Took update(int images) {
        return took(images, batch -> differentiate(images, batch));
    }

    /** Every worker takes as much as one does. */
    private BatchPeak.Took took(int images, Body body) {
        memory.reset();
        long rest = memory.peak();
        WorkCost began = WorkCost.now(0);
        long start = System.nanoTime();
        with(images, body);
        double seconds =
                Math.min(System.nanoTime() - start, WorkCost.now(0).since(began).processorNanos()) / 1e9;
        return new BatchPeak.Took(rest, rest + run.runtime().workers().count() * (memory.peak() - rest), seconds);
    }

    private void differentiate(int images, Trajectories batch) {
        PolicyRuntime runtime = run.runtime();
        Objective objective = run.parts().objective();
        int[] steps = trained(batch.kernel(), objective);
        if (objective.needs().density() && steps.length > 0) {
            makeTransition(batch, steps[0]);
        }
        new ThreadGradients(
                        runtime,
                        objective,
                        runtime.sampling().trainedPolicy(),
                        ThreadGradients.Samples.of(rollout -> batch))
                .add(List.of(unit(images, steps, batch.kernel(), objective)));
        runtime.optimiser().discard();
    }

    /** The first step that can be trained: passes at other steps need the same memory. */
    private static int[] trained(TransitionKernel kernel, Objective objective) {
        return IntStream.range(0, kernel.steps())
                .filter(step -> kernel.std(step) > 0 || !objective.needs().density())
                .limit(1)
                .toArray();
    }

    /**
     * The next state and its log-density as sampling would make them. With a made-up state the ratio would be almost 0, and gradients that small (denormal numbers)
     * take a processor a hundred times as long.
     */
    private void makeTransition(Trajectories batch, int step) {
        TransitionKernel kernel = batch.kernel();
        NDArray latents = batch.state(step);
        double std = kernel.std(step);
        NDManager manager = latents.getManager();
        Scope.run(() -> Gradients.off(() -> {
            NDArray mean = kernel.mean(step, latents, output(step, latents, batch));
            NDArray next = mean.add(std);
            NDArray density = GaussianNoise.of(kernel).logDensity(next, mean, std);
            next.attach(manager);
            density.attach(manager);
            batch.states().set(step + 1, Scope.keep(next));
            batch.logDensities().set(step, Scope.keep(density));
            return batch;
        }));
    }

    private NDArray output(int step, NDArray latents, Trajectories batch) {
        double[] timesteps = new double[batch.size()];
        Arrays.fill(timesteps, batch.kernel().timestep(step));
        return run.runtime().sampling().policy().output(WeightSet.LIVE, latents, timesteps, batch);
    }

    private GradientUnit unit(int images, int[] step, TransitionKernel kernel, Objective objective) {
        double[] advantages =
                IntStream.range(0, images).mapToDouble(i -> 1 - i % 2 * 2).toArray();
        return new GradientUnit(
                run.runtime().version(WeightSet.LIVE, false),
                "memory",
                IntStream.range(0, images).toArray(),
                Advantages.ofSamples(advantages),
                step,
                1,
                1,
                false,
                0,
                0,
                objective.survey() == null ? null : unmarked(images, kernel.steps()),
                LossTerms.ALL,
                false);
    }

    private static double[][] unmarked(int images, int steps) {
        double[][] marks = new double[images][steps];
        Arrays.stream(marks).forEach(row -> Arrays.fill(row, Double.NaN));
        return marks;
    }

    private interface Body {
        void run(Trajectories batch);
    }

    private void with(int images, Body body) {
        PolicyRuntime runtime = run.runtime();
        TransitionKernel kernel = runtime.sampling().kernel(runtime.sampling().rolloutKernel(0));
        try (NDManager manager = runtime.pipeline().manager().newSubManager()) {
            Scope.run(() -> body.run(Gradients.off(() -> madeUp(images, kernel, manager))));
        }
    }

    /** States of zeros: how much memory is taken does not depend on numbers. */
    private Trajectories madeUp(int images, TransitionKernel kernel, NDManager manager) {
        ImageSize size = run.runtime().size();
        long[] shape = run.runtime().pipeline().latentShape(size.width(), size.height());
        Objective.Needs needs = run.parts().needs();
        List<Prompt> prompts = prompts(images);
        IntFunction<NDArray> latents =
                any -> manager.zeros(new Shape(images, shape[0], shape[1], shape[2]), DataType.FLOAT32);
        IntFunction<NDArray> numbers = any -> manager.zeros(new Shape(images), DataType.FLOAT32);
        return new Trajectories(
                kernel,
                prompts,
                run.runtime().sampling().policy().encodeToMeasure(prompts),
                list(kernel.steps() + 1, latents),
                needs.density() ? list(kernel.steps(), numbers) : none(kernel.steps()),
                needs.noise() ? list(kernel.steps(), latents) : none(kernel.steps()));
    }

    private static List<@Nullable NDArray> list(int size, IntFunction<NDArray> make) {
        List<@Nullable NDArray> list = new ArrayList<>();
        IntStream.range(0, size).forEach(i -> list.add(make.apply(i)));
        return list;
    }

    private static List<@Nullable NDArray> none(int size) {
        return new ArrayList<>(Collections.nCopies(size, null));
    }

    /** Those of the run, as many images of each as it trains on together. */
    private List<Prompt> prompts(int images) {
        List<Prompt> train = run.prompts().train();
        int together = run.parts().objective().unit() == TrainingUnit.SAMPLE
                ? 1
                : run.parts().imagesPerPrompt();
        return IntStream.range(0, images)
                .mapToObj(i -> run.prompts().drawn(train.get(i / together % train.size()), 0, i / together))
                .toList();
    }

    /** A GPU computes when it is asked for a number. */
    private static void read(NDArray computed) {
        computed.flatten().get("0").getFloat();
    }
}
