package org.imagerl.samples.parts;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Set;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Policy;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Minus the error of the denoiser on the finished image, made noisy at one time: images that the policy knows well are likely.
 *
 * @param position of that time on the way, 0 (clean) to 1 (noise)
 */
record DenoisingLikelihood(double position) implements Likelihood {
    DenoisingLikelihood {
        if (!(position > 0 && position < 1)) {
            throw new IllegalArgumentException("position must be above 0 and below 1");
        }
    }

    @Override
    public boolean needsDensity() {
        return false; // finished images alone: any dynamics will do
    }

    /** After the first update the old likelihood is that of the weights that sampled. */
    @Override
    public Set<WeightSet> weights() {
        return Set.of(WeightSet.BEHAVIOUR);
    }

    @Override
    public int passes(Batch batch) {
        return 1;
    }

    @Override
    public Evaluation evaluate(Policy policy, Batch batch, int pass) {
        NDArray images =
                batch.trajectories().state(batch.trajectories().kernel().steps());
        NDArray noise = LearnTheBest.noise(batch, images, pass); // the same for both weights
        double[] times = new double[batch.samples().length];
        Arrays.fill(times, policy.schedule().timestep(position));
        AlphaSigma at = policy.schedule().at(times[0]);
        NDArray noisy = Kernels.combine(images, at.alpha(), noise, at.sigma());
        NDArray target = Kernels.combine(images, at.onX0(), noise, at.onEps());

        NDArray output = policy.output(WeightSet.LIVE, noisy, times, batch.trajectories());
        NDArray now = logDensity(output, target);
        // Of weights that have not changed yet, the same to the bit: every ratio is 1.
        NDArray old = batch.onPolicy()
                ? now.stopGradient()
                : Gradients.off(() ->
                        logDensity(policy.output(WeightSet.BEHAVIOUR, noisy, times, batch.trajectories()), target));
        return new Evaluation(now, old, new Prediction(noisy, times, output), null, new Metrics());
    }

    private static NDArray logDensity(NDArray output, NDArray target) {
        NDArray off = output.sub(target);
        return Kernels.scale(Kernels.meanPerSample(off.mul(off)), -1);
    }
}
