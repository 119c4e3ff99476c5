package org.imagerl.samples.parts;

import ai.djl.ndarray.NDArray;
import java.util.Set;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.Policy;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * The mean absolute difference of the denoiser's output from that of the weights before training.
 *
 * @param coefficient factor of the penalty in the loss
 */
record OutputPenalty(double coefficient) implements Penalty {
    @Override
    public boolean needsTransition() {
        return false;
    }

    @Override
    public Set<WeightSet> weights() {
        return Set.of(WeightSet.REFERENCE);
    }

    @Override
    public NDArray penalty(Policy policy, Batch batch, Likelihood.Evaluation evaluation) {
        Likelihood.Prediction live = evaluation.prediction();
        NDArray reference = Gradients.off(
                () -> policy.output(WeightSet.REFERENCE, live.latents(), live.timesteps(), batch.trajectories()));
        return Kernels.scale(live.output().sub(reference).abs().mean(), coefficient);
    }
}
