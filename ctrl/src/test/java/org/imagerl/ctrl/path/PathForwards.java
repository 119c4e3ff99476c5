package org.imagerl.ctrl.path;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.path.PathEnd;
import org.imagerl.toolkit.path.PathSettings;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * The sampler forwards, with the noises of a path, as the loss whose derivative is meant: what is a constant stays what it was with the weights at
 * hand.
 *
 * @param outputs of the denoiser at every step of the path, with the weights from before
 */
record PathForwards(
        AnalyticMixture ground, Trajectories path, PathSettings settings, long seed, List<NDArray> outputs) {

    static PathForwards of(AnalyticMixture ground, Trajectories path, PathSettings settings, long seed) {
        List<NDArray> outputs = new ArrayList<>();
        PathForwards made = new PathForwards(ground, path, settings, seed, outputs);
        for (int step = 0; step < path.kernel().steps(); step++) {
            int now = step;
            outputs.add(Gradients.off(() -> made.output(WeightSet.LIVE, now, path.state(now))));
        }
        return made;
    }

    double loss() {
        int steps = path.kernel().steps();
        RandomStreams random = new RandomStreams(seed);
        if (settings.end() instanceof PathEnd.Predicted predicted) {
            int calls = steps - random.stream("predicted step").nextInt(Math.min(steps, predicted.steps()));
            return along(calls, true);
        }
        if (settings.end() instanceof PathEnd.Renoised renoised) {
            double loss = along(steps, false);
            for (int draw = 0; draw < renoised.draws(); draw++) {
                NDArray again = renoised(random, draw);
                NDArray output = output(WeightSet.LIVE, steps - 1, again);
                loss += score(path.kernel().mean(steps - 1, again, output));
            }
            return loss / (1 + renoised.draws());
        }
        return along(steps, false);
    }

    private NDArray renoised(RandomStreams random, int draw) {
        int steps = path.kernel().steps();
        NDArray finished = path.state(steps);
        NDArray noise =
                Kernels.randn(finished.getManager(), random.seed("renoised image", 0, draw), new Shape(1, 1, 1, 2));
        for (int i = 1; i < path.size(); i++) {
            long own = random.seed("renoised image", i, draw);
            noise = noise.concat(Kernels.randn(finished.getManager(), own, new Shape(1, 1, 1, 2)), 0);
        }
        var mixture = path.kernel().mixture(steps - 1);
        return Kernels.combine(finished, mixture.alpha(), noise, mixture.sigma());
    }

    private double along(int calls, boolean predicted) {
        NDArray state = path.state(0);
        double loss = 0;
        for (int step = 0; step < calls; step++) {
            NDArray seen = settings.stopInputs() ? path.state(step) : state;
            NDArray current = output(WeightSet.LIVE, step, seen);
            NDArray kept = mask(step, calls, current);
            NDArray output =
                    current.mul(kept).add(outputs.get(step).mul(kept.neg().add(1)));
            if (predicted && step == calls - 1) {
                state = path.kernel().clean(step, state, output);
                break;
            }
            double std = path.kernel().std(step);
            NDArray mean = path.kernel().mean(step, state, output);
            if (std > 0 && settings.divergence() > 0) {
                NDArray reference = output(WeightSet.REFERENCE, step, seen);
                NDArray pull =
                        mean.sub(path.kernel().mean(step, state, reference)).mul(kept);
                loss += settings.divergence() * number(pull.mul(pull).sum()) / (2 * std * std) / path.size();
            }
            state = std > 0 ? Kernels.combine(mean, 1, path.noise(step), std) : mean;
        }
        return loss + score(state);
    }

    private double score(NDArray points) {
        float[] logs = ground.logLikelihood(points, path.prompts()).toFloatArray();
        double sum = 0;
        for (int i = 0; i < logs.length; i++) {
            sum -= AnalyticMixture.strength(path.prompts().get(i)) * logs[i] / logs.length;
        }
        return sum;
    }

    private NDArray output(WeightSet weights, int step, NDArray state) {
        double[] timesteps = new double[path.size()];
        Arrays.fill(timesteps, path.kernel().timestep(step));
        return ground.output(weights, state, timesteps, path);
    }

    private NDArray mask(int step, int calls, NDArray like) {
        boolean trained = settings.divergence() == 0 || path.kernel().std(step) > 0;
        double[] mask = IntStream.range(0, 2 * path.size())
                .mapToDouble(i ->
                        trained && settings.truncation().keeps(step, calls, new RandomStreams(seed), i / 2) ? 1 : 0)
                .toArray();
        return ground.manager.create(mask, like.getShape()).toType(DataType.FLOAT32, false);
    }

    private static double number(NDArray scalar) {
        return scalar.toType(DataType.FLOAT64, false).getDouble();
    }
}
