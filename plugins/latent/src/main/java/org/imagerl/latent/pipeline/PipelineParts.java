package org.imagerl.latent.pipeline;

import org.imagerl.spi.Schedule;

/**
 * The loaded components of a checkpoint.
 *
 * @param encoder makes the conditioning of the denoiser of prompts
 * @param denoiser the network that is sampled from, and usually tuned
 * @param vae latents to images
 * @param schedule how noise is mixed in
 */
public record PipelineParts(PromptEncoder encoder, Denoiser denoiser, LoadedVae vae, Schedules schedule) {

    /** The noise schedule for latents of a shape: some families shift it with the size. */
    @FunctionalInterface
    public interface Schedules {
        /** For latents {@code [c, h, w]}. */
        Schedule of(long[] latentShape);
    }
}
