package org.imagerl.ctrl.path;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.diffusion.ddim.DiffusionSchedule;
import org.imagerl.diffusion.schedule.SchedulerConfig;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Points in the plane instead of images: a mixture of three Gaussians, whose exact denoiser is the checkpoint, with two classes whose exact
 * p(y | x) is the classifier, and a small network that is added to the denoiser and starts at zero.
 */
final class AnalyticMixture implements Policy, AutoCloseable {
    static final String CLASS = "y";
    static final String STRENGTH = "gamma";

    private static final float[] CENTRES = {-1, -0.5f, 1, -0.5f, 0, 1};
    private static final double STD = 0.6;
    /** How likely a point of each component is of class 1. */
    private static final float[] CLASS_ONE = {0.05f, 0.95f, 0.5f};

    private static final int HIDDEN = 64;

    final NDManager manager = NDManager.newBaseManager(null, "PyTorch");
    final SortedMap<String, NDArray> parameters = new TreeMap<>();
    final TransitionKernel kernel;
    private final DiffusionSchedule schedule;
    private List<Prompt> read = List.of();
    private float[] known = {};

    AnalyticMixture(int steps) {
        this(steps, false);
    }

    /** @param quiet whether the last step adds no noise */
    AnalyticMixture(int steps, boolean quiet) {
        Path folder = Path.of(System.getProperty("project.root"), "src/test/resources/golden/pipelines/sd-tiny");
        schedule = DiffusionSchedule.of(SchedulerConfig.read(folder.resolve("scheduler/scheduler_config.json")));
        TransitionKernel ddim = new DdimDynamics(new DdimDynamics.Config(1)).kernel(schedule, steps);
        kernel = quiet ? new QuietEnd(ddim) : ddim;
        int inputs = 2 + 3 + steps + 2;
        weight("a", 1 / Math.sqrt(2), HIDDEN, inputs);
        weight("b", 1 / Math.sqrt(HIDDEN), HIDDEN, HIDDEN);
        weight("c", 0, 2, HIDDEN);
    }

    private void weight(String name, double std, int out, int in) {
        long seed = new RandomStreams(1).seed(name);
        NDArray weight = Gradients.off(
                () -> Kernels.randn(manager, seed, new Shape(out, in)).muli((float) std));
        weight.setRequiresGradient(true);
        parameters.put(name, weight);
    }

    @Override
    public DiffusionSchedule schedule() {
        return schedule;
    }

    @Override
    public NDArray decode(NDArray latents) {
        return latents;
    }

    @Override
    public NDArray output(WeightSet weights, NDArray latents, double[] timesteps, Trajectories batch) {
        NDArray x = latents.reshape(-1, 2);
        AlphaSigma at = schedule.at(timesteps[0]);
        NDArray nearness = responsibilities(x, at.alpha(), variance(at));
        NDArray exact = noise(x, nearness, at);
        NDArray output = weights == WeightSet.REFERENCE
                ? exact
                : exact.add(change(x.concat(nearness, 1), timesteps[0], batch.prompts()));
        return output.reshape(latents.getShape());
    }

    /** E[eps | x] of the mixture. */
    private NDArray noise(NDArray x, NDArray nearness, AlphaSigma at) {
        NDArray centre = nearness.matMul(constant(CENTRES, 3, 2));
        double towards = at.alpha() * STD * STD / variance(at);
        NDArray clean = Kernels.combine(centre, 1 - at.alpha() * towards, x, towards);
        return Kernels.combine(x, 1 / at.sigma(), clean, -at.alpha() / at.sigma());
    }

    /** Of a component, noised. */
    private static double variance(AlphaSigma at) {
        return at.alpha() * at.alpha() * STD * STD + at.sigma() * at.sigma();
    }

    private NDArray responsibilities(NDArray x, double alpha, double variance) {
        float[] offsets = new float[3];
        for (int k = 0; k < 3; k++) {
            double square = CENTRES[2 * k] * CENTRES[2 * k] + CENTRES[2 * k + 1] * CENTRES[2 * k + 1];
            offsets[k] = (float) (-alpha * alpha * square / (2 * variance));
        }
        NDArray products = Kernels.scale(x.matMul(constant(CENTRES, 3, 2).transpose()), alpha / variance);
        return products.add(constant(offsets, 1, 3)).softmax(1);
    }

    /** @param features float32 [B, 5]: points, and the probabilities of their components, on which the change depends */
    private NDArray change(NDArray features, double timestep, List<Prompt> prompts) {
        int step = IntStream.range(0, kernel.steps())
                .filter(i -> kernel.timestep(i) == timestep)
                .findFirst()
                .orElseThrow();
        int width = kernel.steps() + 2;
        float[] strengths = strengths(prompts);
        float[] conditioning = new float[prompts.size() * width];
        for (int i = 0; i < prompts.size(); i++) {
            conditioning[i * width + step] = 1;
            conditioning[i * width + kernel.steps()] = strengths[2 * i];
            conditioning[i * width + kernel.steps() + 1] = strengths[2 * i + 1];
        }
        NDArray input = features.concat(constant(conditioning, prompts.size(), width), 1);
        NDArray hidden = Kernels.silu(input.matMul(parameters.get("a").transpose()));
        hidden = Kernels.silu(hidden.matMul(parameters.get("b").transpose()));
        return hidden.matMul(parameters.get("c").transpose());
    }

    /** Of each prompt its strength, negative for class 0, and its strength: read once for all steps of a rollout. */
    private float[] strengths(List<Prompt> prompts) {
        if (prompts != read) {
            known = new float[2 * prompts.size()];
            for (int i = 0; i < prompts.size(); i++) {
                float strength = (float) strength(prompts.get(i));
                known[2 * i] = klass(prompts.get(i)) == 1 ? strength : -strength;
                known[2 * i + 1] = strength;
            }
            read = prompts;
        }
        return known;
    }

    private NDArray constant(float[] values, int... shape) {
        return manager.create(
                        values, new Shape(IntStream.of(shape).asLongStream().toArray()))
                .duplicate();
    }

    static int klass(Prompt prompt) {
        return Integer.parseInt(prompt.metadata().get(CLASS));
    }

    static double strength(Prompt prompt) {
        return Double.parseDouble(prompt.metadata().get(STRENGTH));
    }

    static Prompt prompt(int klass, double strength) {
        return new Prompt("", "", Map.of(CLASS, Integer.toString(klass), STRENGTH, Double.toString(strength)));
    }

    /** log p(y | x), exact. */
    NDArray logLikelihood(NDArray points, List<Prompt> prompts) {
        NDArray nearness = responsibilities(points.reshape(-1, 2), 1, STD * STD);
        float[] table = new float[6];
        for (int k = 0; k < 3; k++) {
            table[2 * k] = 1 - CLASS_ONE[k];
            table[2 * k + 1] = CLASS_ONE[k];
        }
        float[] chosen = new float[2 * prompts.size()];
        for (int i = 0; i < prompts.size(); i++) {
            chosen[2 * i + klass(prompts.get(i))] = 1;
        }
        NDArray both = nearness.matMul(constant(table, 3, 2));
        return both.mul(constant(chosen, prompts.size(), 2)).sum(new int[] {1}).log();
    }

    /** As the sampler of images, with all states, densities and noises. */
    Trajectories rollout(NDManager owner, List<Prompt> prompts, long seed) {
        List<@Nullable NDArray> states = new ArrayList<>(Collections.nCopies(kernel.steps() + 1, null));
        List<@Nullable NDArray> noises = new ArrayList<>(Collections.nCopies(kernel.steps(), null));
        List<@Nullable NDArray> densities = new ArrayList<>(Collections.nCopies(kernel.steps(), null));
        Trajectories path =
                new Trajectories(kernel, prompts, new Conditioning(Map.of(), Map.of()), states, densities, noises);
        Gradients.off(() -> {
            states.set(0, draw(owner, prompts.size(), seed, -1));
            for (int step = 0; step < kernel.steps(); step++) {
                int now = step;
                NDArray mean = Scope.of(() -> mean(WeightSet.LIVE, now, path));
                NDArray next = Kernels.combine(mean, 1, draw(owner, prompts.size(), seed, step), kernel.std(step));
                next.attach(owner);
                states.set(step + 1, next);
                if (kernel.std(step) == 0) {
                    continue;
                }
                densities.set(step, TransitionLikelihood.logDensity(next, mean, kernel.std(step)));
                noises.set(step, TransitionLikelihood.noise(next, mean, kernel.std(step)));
            }
            return path;
        });
        return path;
    }

    private static NDArray draw(NDManager owner, int points, long seed, int step) {
        return Kernels.randn(owner, new RandomStreams(seed).seed("noise", step), new Shape(points, 1, 1, 2));
    }

    static Batch batch(Trajectories path, long seed) {
        int[] samples = IntStream.range(0, path.size()).toArray();
        return new Batch(path, new double[path.size()], new int[0], true, seed, samples);
    }

    @Override
    public void close() {
        manager.close();
    }

    /** The same chain, whose last step is deterministic. */
    private record QuietEnd(TransitionKernel kernel) implements TransitionKernel {
        @Override
        public int steps() {
            return kernel.steps();
        }

        @Override
        public double timestep(int step) {
            return kernel.timestep(step);
        }

        @Override
        public double std(int step) {
            return step == steps() - 1 ? 0 : kernel.std(step);
        }

        @Override
        public double meanPerOutput(int step) {
            return kernel.meanPerOutput(step);
        }

        @Override
        public double stepSize(int step) {
            return kernel.stepSize(step);
        }

        @Override
        public NDArray clean(int step, NDArray latents, NDArray output) {
            return kernel.clean(step, latents, output);
        }

        @Override
        public NDArray mean(int step, NDArray latents, NDArray output) {
            return kernel.mean(step, latents, output);
        }
    }
}
