package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.tensor.Kernels;

/** The clean latents that the denoiser predicted at the steps of sampling, computed without calling it again. */
public final class PredictedClean {
    private PredictedClean() {}

    /**
     * The predicted clean latents at a step: its mean is {@code mu = x' - S z}, and that is linear in the denoiser's output, which follows.
     *
     * @param rollouts that were stored with their noise; their kernel clips nothing
     * @return float32 {@code [B, c, h, w]}
     */
    public static NDArray of(Trajectories rollouts, int step) {
        TransitionKernel kernel = rollouts.kernel();
        NDArray z = rollouts.noise(step);
        if (z == null || kernel.clips()) {
            throw new IllegalStateException("step " + step + " has no noise, or is clipped");
        }
        NDArray x = rollouts.state(step);
        NDArray mu = Kernels.combine(rollouts.state(step + 1), 1, z, -kernel.std(step));
        NDArray withoutOutput = kernel.mean(step, x, x.zerosLike());
        NDArray output = Kernels.scale(mu.sub(withoutOutput), 1 / kernel.meanPerOutput(step));
        return kernel.clean(step, x, output);
    }
}
