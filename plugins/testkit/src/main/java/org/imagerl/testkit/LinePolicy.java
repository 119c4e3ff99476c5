package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.jspecify.annotations.Nullable;

/**
 * The smallest flow model, on which parts of a recipe and objectives are tested: its velocity is {@code slope x + offset}, two trained numbers. All its
 * weights are the same at the beginning, and its rollouts were sampled with them.
 */
public final class LinePolicy implements Policy, Schedule, AutoCloseable {
    /** Samples of a rollout: two prompts with two images each. */
    public static final int SAMPLES = 4;

    /** Steps of a rollout. */
    public static final int STEPS = 3;

    private static final float SLOPE = 0.3f;
    private static final float OFFSET = 0.1f;
    private static final Shape LATENT = new Shape(1, 2, 2, 2);
    private static final double[] ADVANTAGES = {1, -0.5, -1, 0.5};

    private final NDManager manager = NDManager.newBaseManager();
    /** Of all that is computed. It is a manager of its own, so that what a part leaves with the trained numbers is seen. */
    private final NDManager work = NDManager.newBaseManager();

    private final NDArray slope = manager.full(new Shape(1), SLOPE);
    private final NDArray offset = manager.full(new Shape(1), OFFSET);
    private final Map<WeightSet, Double> moved = new EnumMap<>(WeightSet.class);
    private final Set<WeightSet> asked = EnumSet.noneOf(WeightSet.class);
    private final TransitionKernel kernel = new StraightKernel(STEPS, 0.6);
    private final Trajectories rollout;
    private boolean onPolicy = true;

    /** A policy that has sampled its rollouts. */
    public LinePolicy() {
        rollout = sample();
        slope.setRequiresGradient(true);
        offset.setRequiresGradient(true);
        asked.clear();
    }

    /** Moves the live weights, as an update does. */
    public void move(double by) {
        slope.setRequiresGradient(false); // a leaf of a graph may not be changed in its place
        slope.addi((float) by);
        slope.setRequiresGradient(true);
        onPolicy = false;
    }

    /** Moves other weights than the live ones. */
    void move(WeightSet weights, double by) {
        moved.put(weights, by);
    }

    /** The trained tensors: float32 leaves {@code [1]}. */
    public Collection<NDArray> parameters() {
        return List.of(slope, offset);
    }

    /** The weights that outputs have been asked of. */
    Set<WeightSet> asked() {
        return Set.copyOf(asked);
    }

    /** Arrays that live as long as the weights. */
    int arrays() {
        return manager.getManagedArrays().size();
    }

    /** Where the rollouts are. */
    public NDManager work() {
        return work;
    }

    /** The rollouts, at all steps. */
    public Batch batch() {
        int[] steps = IntStream.range(0, STEPS).toArray();
        return new Batch(rollout, ADVANTAGES.clone(), steps, onPolicy, 11, new int[] {7, 2, 9, 4});
    }

    /** Step by step under all the same weights, with noises that a sine gives. */
    private Trajectories sample() {
        List<Prompt> prompts = IntStream.range(0, SAMPLES)
                .mapToObj(i -> Prompt.of("p" + i / 2, "prompt " + i / 2))
                .toList();
        List<@Nullable NDArray> states = new ArrayList<>(List.of(waves(0)));
        List<@Nullable NDArray> logDensities = new ArrayList<>();
        List<@Nullable NDArray> noises = new ArrayList<>();
        Conditioning none = new Conditioning(Map.of(), Map.of());
        for (int step = 0; step < STEPS; step++) {
            Trajectories begun = new Trajectories(kernel, prompts, none, states, logDensities, noises);
            NDArray mean = mean(WeightSet.BEHAVIOUR, step, begun);
            NDArray noise = waves(step + 1);
            NDArray next = mean.add(noise.mul((float) kernel.std(step)));
            logDensities.add(logDensity(next, mean, kernel.std(step)));
            noises.add(noise);
            states.add(next);
        }
        return new Trajectories(kernel, prompts, none, states, logDensities, noises);
    }

    /** Numbers in -1.4..1.4 for all samples. */
    NDArray waves(int phase) {
        float[] values = new float[(int) (SAMPLES * LATENT.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (1.4 * Math.sin(3.3 * i * i + 1.7 * phase + 0.4));
        }
        return work.create(values, new Shape(SAMPLES, LATENT.get(1), LATENT.get(2), LATENT.get(3)))
                .duplicate();
    }

    /** A step under the live weights, as a likelihood of transitions gives it. Called inside {@link #gradient}. */
    Likelihood.Evaluation evaluation(Batch batch, int step) {
        Trajectories trajectories = batch.trajectories();
        NDArray latents = trajectories.state(step);
        double[] timesteps = new double[trajectories.size()];
        Arrays.fill(timesteps, kernel.timestep(step));
        NDArray output = output(WeightSet.LIVE, latents, timesteps, trajectories);
        NDArray mean = kernel.mean(step, latents, output);
        NDArray next = trajectories.state(step + 1);
        double std = kernel.std(step);
        return new Likelihood.Evaluation(
                logDensity(next, mean, std),
                trajectories.logDensity(step),
                new Likelihood.Prediction(latents, timesteps, output),
                new Likelihood.Transition(step, mean, std, next, trajectories.noise(step)),
                new Metrics());
    }

    /** The same of a likelihood without transitions. */
    static Likelihood.Evaluation withoutTransition(Likelihood.Evaluation evaluation) {
        return new Likelihood.Evaluation(
                evaluation.logDensity(), evaluation.oldLogDensity(), evaluation.prediction(), null, new Metrics());
    }

    /** The same where the noise was not stored. */
    static Likelihood.Evaluation withoutNoise(Likelihood.Evaluation evaluation) {
        Likelihood.Transition transition = Objects.requireNonNull(evaluation.transition());
        return new Likelihood.Evaluation(
                evaluation.logDensity(),
                evaluation.oldLogDensity(),
                evaluation.prediction(),
                new Likelihood.Transition(
                        transition.step(), transition.mean(), transition.std(), transition.next(), null),
                new Metrics());
    }

    /** {@code mean_d[-(x' - mu)^2 / (2 S^2)] - ln S - ln(2 pi) / 2}, float32 {@code [B]}. */
    private static NDArray logDensity(NDArray next, NDArray mean, double std) {
        NDManager manager = mean.getManager();
        NDArray apart = next.sub(mean).reshape(mean.getShape().get(0), -1);
        NDArray squares = apart.mul(apart).mean(new int[] {1});
        return squares.mul(manager.full(new Shape(1), (float) (-0.5 / (std * std))))
                .add(manager.full(new Shape(1), (float) (-Math.log(std) - Math.log(2 * Math.PI) / 2)));
    }

    /** A scalar, and behind it its gradient by each trained number. */
    double[] gradient(Supplier<NDArray> scalar) {
        return gradient(scalar, parameters());
    }

    /** A scalar, and behind it its gradient by each number of some arrays, which require gradients. */
    static double[] gradient(Supplier<NDArray> scalar, Collection<NDArray> by) {
        double[] before = gradient(by);
        double value;
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray made = scalar.get();
            assertThat(made.size()).as("numbers of a scalar").isEqualTo(1);
            value = made.toArray()[0].doubleValue();
            collector.backward(made);
        }
        double[] after = gradient(by);
        double[] all = new double[after.length + 1];
        Arrays.setAll(all, i -> i == 0 ? value : after[i - 1] - before[i - 1]);
        return all;
    }

    private static double[] gradient(Collection<NDArray> by) {
        return by.stream()
                .flatMapToDouble(array -> {
                    try (NDArray gradient = array.getGradient()) {
                        return Arrays.stream(numbers(gradient));
                    }
                })
                .toArray();
    }

    /** All numbers of a floating-point array. */
    static double[] numbers(NDArray array) {
        return Arrays.stream(array.toArray()).mapToDouble(Number::doubleValue).toArray();
    }

    @Override
    public NDArray output(WeightSet weights, NDArray latents, double[] timesteps, Trajectories batch) {
        asked.add(weights);
        assertThat(timesteps).as("times").hasSize((int) latents.getShape().get(0));
        assertThat(latents.getShape().get(0)).as("latents").isEqualTo(batch.size());
        if (weights == WeightSet.LIVE) {
            return latents.mul(slope).add(offset);
        }
        float other = (float) (SLOPE + moved.getOrDefault(weights, 0.0));
        return latents.mul(work.full(new Shape(1), other)).add(work.full(new Shape(1), OFFSET));
    }

    @Override
    public Schedule schedule() {
        return this;
    }

    @Override
    public String description() {
        return "a flow for contract tests";
    }

    @Override
    public AlphaSigma at(double timestep) {
        return new AlphaSigma(1 - timestep, timestep, -1, 1);
    }

    @Override
    public double timestep(double position) {
        return position;
    }

    @Override
    public TransitionKernel ode(int steps) {
        return new StraightKernel(steps, 0);
    }

    @Override
    public void close() {
        work.close();
        manager.close();
    }
}
