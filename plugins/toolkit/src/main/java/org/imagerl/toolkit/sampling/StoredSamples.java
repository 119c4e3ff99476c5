package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Images as if a policy had sampled them: trajectories of which the last state alone is known, the latents of the image.
 *
 * @param policy encodes prompts and images
 * @param kernel of the sampler that would have made them
 */
public record StoredSamples(GuidedPolicy policy, TransitionKernel kernel) {

    /**
     * Encodes prompts and images. The latents are the mean of what the VAE gives, so that they are the same in every epoch.
     *
     * @param manager owns the result
     * @param images one per prompt, of the size that is trained
     */
    public Trajectories of(NDManager manager, List<Prompt> prompts, List<RgbImage> images) {
        return Gradients.off(() -> {
            policy.requireMemory(prompts.size());
            Conditioning conditioning = OwnedConditioning.of(manager, policy, prompts, null);
            List<@Nullable NDArray> states = new ArrayList<>(Collections.nCopies(kernel.steps() + 1, null));
            states.set(kernel.steps(), latents(manager, images));
            return new Trajectories(
                    kernel, prompts, conditioning, states, new ArrayList<>(Collections.nCopies(kernel.steps(), null)));
        });
    }

    private NDArray latents(NDManager manager, List<RgbImage> images) {
        NDArray[] kept = new NDArray[1];
        Scope.run(() -> {
            NDArray latents = policy.latents(ImageTensors.toTensor(manager, images));
            latents.attach(manager);
            kept[0] = Scope.keep(latents);
        });
        return kept[0];
    }
}
