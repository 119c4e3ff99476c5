package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.function.UnaryOperator;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;

/**
 * What leads the steps of samples in the place of the policy, which only says how likely they are: their log-densities and noises are those under the policy, so that a
 * sample is trained on as if the policy had drawn it. It costs a second call of the denoiser per step where these are kept.
 *
 * @param policy that leads
 * @param prompt what it is conditioned on in the place of a prompt
 */
public record Hinted(GuidedPolicy policy, UnaryOperator<Prompt> prompt) {

    Conditioning conditioning(NDManager manager, List<Prompt> prompts) {
        return OwnedConditioning.of(
                manager, policy, prompts.stream().map(prompt).toList(), null);
    }

    /** The same states, conditioned on what leads. */
    static Trajectories led(Trajectories trajectories, Conditioning conditioning) {
        return new Trajectories(
                trajectories.kernel(),
                trajectories.prompts(),
                conditioning,
                trajectories.states(),
                trajectories.logDensities(),
                trajectories.noises());
    }
}
