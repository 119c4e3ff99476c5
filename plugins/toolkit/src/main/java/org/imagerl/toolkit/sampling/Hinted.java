package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.jspecify.annotations.Nullable;

/**
 * What leads the steps of samples in the place of the policy, which only says how likely they are: their log-densities
 * and noises are those under the policy, so that a sample is trained on as if the policy had drawn it. It costs a
 * second call of the denoiser per step where these are kept.
 *
 * @param policy that leads
 * @param prompt what it is conditioned on in the place of a prompt
 * @param start the images that samples begin with; null for noise alone
 */
public record Hinted(
        GuidedPolicy policy,
        UnaryOperator<Prompt> prompt,
        @Nullable Start start) {

    /**
     * Images that samples begin with, as in SDEdit (C. Meng et al., 2021, arXiv 2108.01073), in rollouts that have all
     * steps: until they begin, the states of a sample are the noised image, with the noise that it would have begun
     * with. Nothing drew these transitions, so that they must not be trained on; they only keep the batch in one shape.
     *
     * @param step the first that is made, above 0: where all steps are made nothing of the image is left, and the
     *     sample begins with noise alone
     * @param image of a prompt, of the size of the samples
     */
    public record Start(int step, Function<Prompt, RgbImage> image) {

        /**
         * The first step that is made.
         *
         * @param kernel of all steps
         * @param steps their number as configured
         * @param strength share of the steps that are made, above 0 and at most 1
         * @throws org.imagerl.spi.UserException if there are none
         */
        public static int of(TransitionKernel kernel, Schedule schedule, int steps, double strength) {
            return DerivedKernel.begin(kernel, schedule, steps, strength);
        }

        /** The latents of the images, float32 {@code [B, c, h, w]}. */
        NDArray latents(NDManager manager, GuidedPolicy policy, List<Prompt> prompts) {
            NDArray pixels =
                    ImageTensors.toTensor(manager, prompts.stream().map(image).toList());
            return policy.latents(pixels.duplicate());
        }
    }

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
