package org.imagerl.toolkit.sampling;

import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * An image that samples begin with: it is noised and then denoised, for the last part of the steps only (C. Meng et al., "SDEdit", 2021, arXiv
 * 2108.01073). With a mask only a part of it is painted anew: a denoiser that paints into images is given the mask; for others, after every step the
 * rest of the latents is put back to the image, noised as it has to be there (A. Lugmayr et al., "RePaint", 2022, arXiv 2201.09865, equation 8, as diffusers
 * has it).
 *
 * @param image of the size of the samples
 * @param mask of the same size, painted anew where a pixel is at least 128; null: everywhere
 * @param strength share of the steps that are made, above 0 and at most 1
 */
public record ImageStart(RgbImage image, @Nullable RgbImage mask, double strength) {
    private static final int WHITE = 128;

    /** Checks the range of the strength and the size of the mask. */
    public ImageStart {
        if (!(strength > 0 && strength <= 1)) {
            throw UserException.input(
                    "strength: " + strength + "; expected a number above 0 (the image as it is) to 1");
        }
        if (mask != null && (mask.width() != image.width() || mask.height() != image.height())) {
            throw new IllegalArgumentException("a mask must have the size of its image");
        }
    }

    /** Whether a pixel is painted anew. */
    boolean painted(int x, int y) {
        return mask == null || mask.at(x, y, 0) >= WHITE;
    }
}
