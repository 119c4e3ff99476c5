package org.imagerl.tests.recipe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.WeightSet;
import org.imagerl.tests.Close;
import org.imagerl.tests.Paths;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.ImportanceRatio;
import org.imagerl.toolkit.recipe.RatioClip;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.recipe.UniformWeight;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.sampling.PolicyWeights;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** The tiny checkpoint with adapters, as a policy that is sampled in {@value #STEPS} DDIM steps. */
final class TinyPolicy implements AutoCloseable {
    static final int STEPS = 4;

    static final TuningSpec.Lora ATTENTION = lora(List.of("unet"), List.of("to_q", "to_k", "to_v", "to_out.0"));
    static final TuningSpec.Lora WITH_TEXT = lora(List.of("unet", "text_encoder"), List.of("to_q", "q_proj", "fc1"));

    private static final List<String> TEXTS = List.of("a photo of the cat", "the dog", "the cat in a pho", "the dog");

    final Pipeline pipeline;
    final Tuning tuning;
    final PolicyWeights weights;
    final GuidedPolicy policy;
    final TransitionKernel kernel;
    private final NDManager manager;

    private TinyPolicy(Path checkpoint, TuningSpec spec, double guidance) {
        pipeline = open(checkpoint);
        manager = pipeline.manager().newSubManager();
        tuning = pipeline.tune(spec, 1);
        ImageSize size = pipeline.defaultSize();
        weights = PolicyWeights.of(tuning, pipeline.manager());
        policy = new GuidedPolicy(pipeline, weights, new GuidedPolicy.Settings(guidance, "the photo", size));
        kernel = new DdimDynamics(new DdimDynamics.Config(1))
                .kernel(pipeline.schedule(size.width(), size.height()), STEPS);
    }

    /** The adapters as they are fresh: the policy is the checkpoint's. */
    static TinyPolicy fresh(TuningSpec spec, double guidance) {
        return fresh(Paths.tinyCheckpoint(), spec, guidance);
    }

    /** The same of another checkpoint. */
    static TinyPolicy fresh(Path checkpoint, TuningSpec spec, double guidance) {
        return new TinyPolicy(checkpoint, spec, guidance);
    }

    /** The adapters somewhere on the way: every trained tensor has a gradient. */
    static TinyPolicy trained(TuningSpec spec, double guidance) {
        TinyPolicy made = fresh(spec, guidance);
        made.move(0.1, 2);
        return made;
    }

    static Pipeline open() {
        return open(Paths.tinyCheckpoint());
    }

    static Pipeline open(Path checkpoint) {
        Context context = new Context(Path.of("."), "cpu", 1, warning -> {});
        return StableDiffusion.FAMILY.open(checkpoint, new PipelineFactory.Options("float32", false, context));
    }

    static TuningSpec.Lora lora(List<String> components, List<String> targets) {
        return new TuningSpec.Lora(components, 4, 8, targets, TuningSpec.Lora.Init.GAUSSIAN);
    }

    /** DDPO: transition densities, importance ratios, PPO's clip as published. */
    static Recipe ddpo() {
        RatioClip clip = new RatioClip(new RatioClip.Config(1e-4, null));
        return new Recipe(new TransitionLikelihood(), new ImportanceRatio(), clip, new UniformWeight(), Map.of());
    }

    /** Adds random numbers to every trained tensor. */
    void move(double std, long seed) {
        RandomStreams random = new RandomStreams(seed);
        tuning.parameters()
                .forEach((name, parameter) -> Scope.run(() -> Gradients.off(() -> {
                    NDArray noise = Kernels.randn(manager, random.seed(name), parameter.getShape());
                    return parameter.addi(noise.muli((float) std));
                })));
    }

    /** Rollouts of two prompts and a repeated one, four in all. */
    Trajectories rollout() {
        return rollout(policy);
    }

    /** The same of another policy with these weights. */
    Trajectories rollout(GuidedPolicy of) {
        List<Prompt> prompts = IntStream.range(0, TEXTS.size())
                .mapToObj(i -> Prompt.of("p" + i, TEXTS.get(i)))
                .toList();
        long[] seeds = LongStream.range(0, TEXTS.size()).toArray();
        ImageSize size = pipeline.defaultSize();
        return new Sampler(of, kernel, pipeline.latentShape(size.width(), size.height()))
                .sample(manager, prompts, seeds, Sampler.Keep.NOISE, step -> {});
    }

    /** All steps of the rollouts. */
    static Batch batch(Trajectories trajectories, double... advantages) {
        return batch(trajectories, IntStream.range(0, STEPS).toArray(), advantages);
    }

    /** Some steps of the rollouts. */
    static Batch batch(Trajectories trajectories, int[] steps, double... advantages) {
        int[] samples = IntStream.range(0, advantages.length).toArray();
        return new Batch(trajectories, advantages, steps, true, 0, samples);
    }

    /** Some samples as a batch of their own. */
    Trajectories rows(Trajectories trajectories, int... rows) {
        return Gradients.off(() -> trajectories.rows(manager, rows));
    }

    /** The value and the metrics of one pass. */
    Loss evaluate(Objective objective, Batch batch, int pass) {
        return Gradients.record(recording -> objective.loss(policy, batch, pass));
    }

    /** The gradients of one pass by name of the trained tensor. */
    Map<String, float[]> gradients(Objective objective, Batch batch, int pass) {
        return gradients(() -> objective.loss(policy, batch, pass).value());
    }

    /** The gradients of a scalar by name of the trained tensor. */
    Map<String, float[]> gradients(Supplier<NDArray> scalar) {
        return gradientsOf(() -> Scope.run(() -> Gradients.record(recording -> {
            NDArray value = scalar.get();
            recording.backward(value);
            return value;
        })));
    }

    /** The gradients that a body adds by name of the trained tensor. */
    Map<String, float[]> gradientsOf(Runnable body) {
        Map<String, float[]> gradients = new TreeMap<>();
        body.run();
        tuning.parameters().forEach((name, parameter) -> {
            gradients.put(name, Close.floats(parameter.getGradient()));
            JniUtils.zeroGrad((PtNDArray) parameter);
        });
        return gradients;
    }

    /** Log-densities of the sampled states of a step under the present weights, {@code [B]}: in double, from the mean. */
    double[] logDensity(Trajectories trajectories, int step) {
        float[] mean = mean(WeightSet.LIVE, trajectories, step);
        float[] next = Close.floats(trajectories.state(step + 1));
        double std = kernel.std(step);
        int elements = mean.length / trajectories.size();
        double[] densities = new double[trajectories.size()];
        for (int i = 0; i < mean.length; i++) {
            double z = ((double) next[i] - mean[i]) / std;
            densities[i / elements] -= (z * z / 2 + Math.log(std) + Math.log(2 * Math.PI) / 2) / elements;
        }
        return densities;
    }

    /** The mean of a transition, flat. */
    float[] mean(WeightSet weights, Trajectories trajectories, int step) {
        float[][] mean = new float[1][];
        Scope.run(() -> mean[0] = Gradients.off(() -> Close.floats(policy.mean(weights, step, trajectories))));
        return mean[0];
    }

    /** Central difference of a function of the weights along a direction, by name of the trained tensor. */
    double slope(Map<String, float[]> direction, double step, DoubleSupplier function) {
        Map<String, float[]> before = new TreeMap<>();
        direction.keySet().forEach(name -> before.put(name, Close.floats(parameter(name))));
        set(moved(before, direction, step));
        double above = function.getAsDouble();
        set(moved(before, direction, -step));
        double below = function.getAsDouble();
        set(before);
        return (above - below) / (2 * step);
    }

    private static Map<String, float[]> moved(Map<String, float[]> from, Map<String, float[]> direction, double step) {
        Map<String, float[]> moved = new TreeMap<>();
        from.forEach((name, values) -> {
            float[] copy = values.clone();
            for (int i = 0; i < copy.length; i++) {
                copy[i] += (float) (step * direction.get(name)[i]);
            }
            moved.put(name, copy);
        });
        return moved;
    }

    private void set(Map<String, float[]> values) {
        values.forEach((name, numbers) -> Scope.run(() -> Gradients.off(() -> {
            manager.create(numbers, parameter(name).getShape()).copyTo(parameter(name));
            return name;
        })));
    }

    private NDArray parameter(String name) {
        return tuning.parameters().get(name);
    }

    @Override
    public void close() {
        weights.close();
        tuning.close();
        pipeline.close();
    }
}
