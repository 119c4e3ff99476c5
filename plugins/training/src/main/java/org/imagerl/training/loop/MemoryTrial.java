package org.imagerl.training.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntConsumer;
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
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.tensor.DeviceMemory;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.imagerl.training.work.GradientUnit;
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
        return peak(images, this::sample);
    }

    /** The most bytes in use while workers differentiate micro-batches of so many images. */
    long update(int images) {
        return peak(images, this::differentiate);
    }

    /** Every worker takes as much as one does. */
    private long peak(int images, IntConsumer work) {
        memory.reset();
        long before = memory.peak();
        work.accept(images);
        return before + run.runtime().workers().count() * (memory.peak() - before);
    }

    private void sample(int images) {
        with(images, batch -> {
            GuidedPolicy policy = run.runtime().sampling().policy();
            NDArray latents = batch.state(batch.kernel().steps());
            double[] timesteps = new double[images];
            Arrays.fill(timesteps, batch.kernel().timestep(0));
            Gradients.off(() -> {
                Scope.run(() -> read(policy.output(WeightSet.LIVE, latents, timesteps, batch)));
                Scope.run(() -> read(policy.decode(latents)));
                return batch;
            });
        });
    }

    private void differentiate(int images) {
        with(images, batch -> {
            PolicyRuntime runtime = run.runtime();
            Objective objective = run.parts().objective();
            new ThreadGradients(
                            runtime,
                            objective,
                            runtime.sampling().trainedPolicy(),
                            ThreadGradients.Samples.of(rollout -> batch))
                    .add(List.of(unit(images, batch.kernel(), objective)));
            runtime.optimiser().discard();
        });
    }

    /** One pass at the first step that can be trained: passes at other steps need the same memory. */
    private GradientUnit unit(int images, TransitionKernel kernel, Objective objective) {
        int[] step = IntStream.range(0, kernel.steps())
                .filter(each -> kernel.std(each) > 0 || !objective.needs().density())
                .limit(1)
                .toArray();
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
