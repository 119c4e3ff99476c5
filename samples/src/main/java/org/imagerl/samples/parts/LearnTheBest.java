package org.imagerl.samples.parts;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Kernels;

/** Pretraining on the good images of a rollout: the error of the denoiser on each, made noisy again, times its advantage if that is positive. */
final class LearnTheBest implements Objective {
    /** @param draws times at which each image is made noisy, at least 1 */
    record Config(int draws) {
        Config {
            if (draws < 1) {
                throw new IllegalArgumentException("draws must be at least 1");
            }
        }
    }

    private final Config config;

    LearnTheBest(Config config) {
        this.config = config;
    }

    @Override
    public Needs needs() {
        return Needs.NONE; // finished images alone: any dynamics will do
    }

    @Override
    public boolean trainsWithAnyGuidance() {
        return true;
    }

    @Override
    public int passes(Batch batch) {
        return config.draws();
    }

    @Override
    public Loss loss(Policy policy, Batch batch, int pass) {
        NDArray images =
                batch.trajectories().state(batch.trajectories().kernel().steps());
        NDArray noise = noise(batch, images, pass);
        double[] times = new double[batch.samples().length];
        Arrays.fill(times, policy.schedule().timestep((pass + 0.5) / config.draws()));
        AlphaSigma at = policy.schedule().at(times[0]);
        NDArray noisy = Kernels.combine(images, at.alpha(), noise, at.sigma());
        NDArray target = Kernels.combine(images, at.onX0(), noise, at.onEps());
        NDArray off = policy.output(WeightSet.LIVE, noisy, times, batch.trajectories())
                .sub(target);
        NDArray errors = Kernels.meanPerSample(off.mul(off));
        NDArray loss = errors.mul(factors(batch, errors)).mean();
        return new Loss(
                loss, new Metrics().mean("denoising_error", errors.mean().getFloat()));
    }

    /** The same however an update is cut into micro-batches: a stream for each sample and pass. */
    static NDArray noise(Batch batch, NDArray images, int pass) {
        RandomStreams random = new RandomStreams(batch.seed());
        long[] shape = images.getShape().getShape().clone();
        shape[0] = 1;
        NDList noises = new NDList();
        for (int sample : batch.samples()) {
            long seed = random.seed("learn the best", sample, pass);
            noises.add(Kernels.randn(images.getManager(), seed, new Shape(shape)));
        }
        return NDArrays.concat(noises, 0);
    }

    private static NDArray factors(Batch batch, NDArray like) {
        float[] factors = new float[batch.samples().length];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = (float) Math.max(0, batch.advantages().samples()[i]);
        }
        // A copy lives in the engine's own memory, as all must that a gradient goes through.
        return like.getManager().create(factors).duplicate();
    }
}
