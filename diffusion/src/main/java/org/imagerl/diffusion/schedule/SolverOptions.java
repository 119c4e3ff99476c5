package org.imagerl.diffusion.schedule;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code scheduler_config.json} says of sampling beside the noise schedule. DDIM has no use for it; the other samplers use it as diffusers'
 * {@code from_config} of their class would.
 *
 * @param spacing which timesteps a run visits; empty: the file does not say
 * @param sigmas how the noise levels lie
 * @param finalSigma where the last step ends
 * @param sigmaMin in place of the least noise level for {@code sigmas}, positive
 * @param sigmaMax in place of the highest
 * @param lowerOrderFinal whether a multistep rule ends with steps of a lower order
 * @param eulerAtFinal whether it ends with a step of order 1
 * @param order of a multistep rule; empty: the file does not say
 */
public record SolverOptions(
        Optional<TimestepSpacing> spacing,
        SigmaSpacing sigmas,
        FinalSigma finalSigma,
        Optional<Double> sigmaMin,
        Optional<Double> sigmaMax,
        boolean lowerOrderFinal,
        boolean eulerAtFinal,
        Optional<Integer> order) {

    /** The same with what is given. */
    public SolverOptions with(
            @Nullable SigmaSpacing givenSigmas, @Nullable TimestepSpacing givenSpacing, @Nullable FinalSigma end) {
        return new SolverOptions(
                givenSpacing == null ? spacing : Optional.of(givenSpacing),
                givenSigmas == null ? sigmas : givenSigmas,
                end == null ? finalSigma : end,
                sigmaMin,
                sigmaMax,
                lowerOrderFinal,
                eulerAtFinal,
                order);
    }
}
