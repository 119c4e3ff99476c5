package org.imagerl.flow.matching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Finished images x0 made noisy again, {@code x_t = alpha x0 + sigma eps}, and the outputs of a perfect denoiser for
 * them. All sets of weights are compared on the same noised images.
 *
 * @param latents x_t, float32 {@code [B, c, h, w]}, a constant
 * @param timesteps a time per sample, in the denoiser's unit
 * @param target o, the target of the model's own prediction, float32 {@code [B, c, h, w]}, a constant
 * @param noisings the alpha-sigma coefficients per sample
 */
public record NoisedImages(NDArray latents, double[] timesteps, NDArray target, List<AlphaSigma> noisings) {

    /** Copies the list. */
    public NoisedImages {
        noisings = List.copyOf(noisings);
    }

    /**
     * Draws times and noises from random streams, which do not depend on how an update is cut.
     *
     * @param pass 0 to {@code draws - 1}: each takes its times from its own part of all
     * @param streams per sample a number of its random streams: those of {@link Batch#samples} make all samples independent
     */
    public static NoisedImages draw(Policy policy, Batch batch, Times times, int pass, int draws, int... streams) {
        return Gradients.off(() -> {
            Trajectories rollouts = batch.trajectories();
            NDArray x0 = rollouts.state(rollouts.kernel().steps());
            RandomStreams random = new RandomStreams(batch.seed());
            double[] timesteps = new double[rollouts.size()];
            List<AlphaSigma> noisings = new ArrayList<>();
            NDList noises = new NDList();
            for (int i = 0; i < timesteps.length; i++) {
                double u = random.stream("matching time", streams[i], pass).nextDouble();
                timesteps[i] = times.timestep(rollouts.kernel(), policy.schedule(), pass, draws, u);
                noisings.add(policy.schedule().at(timesteps[i]));
                noises.add(noise(x0, random.seed("matching noise", streams[i], pass)));
            }
            NDArray eps = NDArrays.concat(noises, 0);
            NDArray latents =
                    PerSample.mixed(x0, each(noisings, AlphaSigma::alpha), eps, each(noisings, AlphaSigma::sigma));
            NDArray target =
                    PerSample.mixed(x0, each(noisings, AlphaSigma::onX0), eps, each(noisings, AlphaSigma::onEps));
            return new NoisedImages(latents, timesteps, target, noisings);
        });
    }

    private static NDArray noise(NDArray x0, long seed) {
        long[] shape = x0.getShape().getShape().clone();
        shape[0] = 1;
        return Kernels.randn(x0.getManager(), seed, new Shape(shape));
    }

    private static double[] each(List<AlphaSigma> noisings, ToDoubleFunction<AlphaSigma> of) {
        return noisings.stream().mapToDouble(of).toArray();
    }

    /** The denoiser's output on these latents, float32 {@code [B, c, h, w]}: with its graph for the live weights, else a constant. */
    public NDArray output(Policy policy, WeightSet weights, Batch batch) {
        return weights == WeightSet.LIVE
                ? policy.output(weights, latents, timesteps, batch.trajectories())
                : Gradients.off(() -> policy.output(weights, latents, timesteps, batch.trajectories()));
    }

    /**
     * The output of the behaviour policy, a constant: that of the live weights, {@code live}, before the first update
     * after rollouts. Float32 {@code [B, c, h, w]}.
     */
    public NDArray behaviour(Policy policy, Batch batch, NDArray live) {
        return batch.onPolicy() ? live.stopGradient() : output(policy, WeightSet.BEHAVIOUR, batch);
    }

    /** The output's difference from the target, float64 {@code [B, c, h, w]}. */
    private NDArray difference(NDArray output) {
        return Kernels.cast(output.sub(target), DataType.FLOAT64);
    }

    /** {@code e = w mean_d (output - o)^2}, float64 {@code [B]}, with w of the form in which the error is measured. */
    public NDArray errors(NDArray output, PredictionError error) {
        return weighted(difference(output), error);
    }

    /** The mean squared difference of two outputs as one of velocities, float64 {@code [B]}. */
    public NDArray distances(NDArray output, NDArray other) {
        return weighted(Kernels.cast(output.sub(other), DataType.FLOAT64), PredictionError.VELOCITY);
    }

    private NDArray weighted(NDArray difference, PredictionError error) {
        NDArray squares = Kernels.meanPerSample(difference.mul(difference));
        return squares.mul(PerSample.like(squares, each(noisings, error::weight)));
    }

    /** The times t per sample, {@code sigma / (alpha + sigma)}. */
    public double[] times() {
        return each(noisings, AlphaSigma::time);
    }

    /**
     * The output's difference from the target as an error of the predicted clean latents, float64 {@code [B, c, h, w]}.
     *
     * @throws UserException where the output says nothing of the clean latents
     */
    public NDArray cleanError(NDArray output) {
        NDArray difference = difference(output);
        return difference.mul(PerSample.onLatents(difference, each(noisings, NoisedImages::cleanPerOutput)));
    }

    /** The same as an error of the velocity, float64 {@code [B, c, h, w]}. */
    public NDArray velocityError(NDArray output) {
        NDArray difference = difference(output);
        return difference.mul(PerSample.onLatents(difference, each(noisings, NoisedImages::velocityPerOutput)));
    }

    private static double velocityPerOutput(AlphaSigma noising) {
        PredictionError.VELOCITY.weight(noising); // refuses times at which there is none
        return noising.velocityPerOutput();
    }

    private static double cleanPerOutput(AlphaSigma noising) {
        double factor = noising.cleanPerOutput();
        if (!Double.isFinite(factor)) {
            throw UserException.input(
                    "clean latents do not follow from what this model predicts at pure noise: leave that time out"
                            + " (times: {type: uniform, to: 0.98})");
        }
        return factor;
    }
}
