package org.imagerl.spi;

import java.util.List;

/**
 * What the numbers of latents mean: latents of one space are of use to no other.
 *
 * @param autoencoder tells the autoencoder's weights and its scale from others; empty if that is not known
 * @param shape {@code [c, h, w]} of the latent of an image
 */
public record LatentSpace(String autoencoder, List<Long> shape) {
    /** Keeps its own copy of the list. */
    public LatentSpace {
        shape = List.copyOf(shape);
    }
}
