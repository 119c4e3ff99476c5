package org.imagerl.latent.pipeline;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.FreeMemory;
import org.imagerl.toolkit.tensor.Precision;

/**
 * The images that a checkpoint can make: their sizes, and the memory that one takes.
 *
 * @param checkpoint for messages
 * @param parts of the pipeline
 * @param computedHere whether images are made in the memory of this machine: with weights, and on the CPU
 */
record ImageSizes(Path checkpoint, PipelineParts parts, boolean computedHere) {
    /** Pixels; an array of the bytes of an image is no longer than a Java array can be. */
    private static final int MAX_SIDE = 16_384;

    /** The size that the checkpoint was trained for. */
    ImageSize trained() {
        List<Integer> size = parts.denoiser().sampleSize();
        return size.isEmpty()
                ? new ImageSize(512, 512)
                : new ImageSize(pixels(size.get(size.size() - 1)), pixels(size.get(0)));
    }

    private int pixels(int elements) {
        long pixels = (long) elements * parts.vae().config().downscale();
        if (pixels > MAX_SIDE) {
            throw UserException.input(checkpoint + ": sample_size is " + elements + ", which would be " + pixels
                    + " pixels; at most " + MAX_SIDE + " can be made");
        }
        return (int) pixels;
    }

    /** Width and height are multiples of this, in pixels. */
    int multiple() {
        return parts.vae().config().downscale() * parts.denoiser().patch();
    }

    /**
     * Shape {@code [c, h, w]} of the latent of an image.
     *
     * @throws UserException if no such image can be made, or not in the memory that is free
     */
    long[] latentShape(int width, int height) {
        Denoiser denoiser = parts.denoiser();
        int scale = parts.vae().config().downscale();
        int multiple = multiple();
        if (width < multiple || height < multiple || width % multiple != 0 || height % multiple != 0) {
            throw UserException.input(
                    "width and height must be multiples of " + multiple + ", not " + width + " x " + height);
        }
        if (width > MAX_SIDE || height > MAX_SIDE) {
            throw UserException.input(
                    "width and height must be at most " + MAX_SIDE + ", not " + width + " x " + height);
        }
        int most = denoiser.maxSide();
        if (width / scale > most || height / scale > most) {
            throw UserException.input("width and height must be at most " + (long) most * scale + ", not " + width
                    + " x " + height + ": the denoiser has no positions beyond");
        }
        FreeMemory.require(
                bytes(width, height),
                "one image of " + width + " x " + height + " pixels",
                "make smaller images (width, height); the checkpoint's own size is in sample_size of the denoiser's"
                        + " config.json");
        return new long[] {denoiser.channels(), height / scale, width / scale};
    }

    /** As {@link org.imagerl.spi.Pipeline#imageBytes}. */
    long bytes(int width, int height) {
        if (!computedHere) {
            return 0;
        }
        VaeConfig vae = parts.vae().config();
        long pixels = parts.vae().model().pixelsAtOnce(width, height);
        int finest = vae.channels().get(0);
        int next = vae.channels().get(Math.min(1, vae.channels().size() - 1));
        // A residual block of the finest level of the decoder: what it is given, and what it makes of it twice.
        long decoded = pixels * (next + 2L * finest) * parts.vae().type().getNumOfBytes();
        long scale = vae.downscale();
        long elements = (width / scale) * (height / scale);
        return Math.max(
                decoded,
                parts.denoiser().activations(elements) * bytes(parts.denoiser().network()));
    }

    /** Of a number of the activations, which have the type of the weights. */
    static int bytes(ParameterStore network) {
        return Precision.of(network.parameters().iterator().next().value()).getNumOfBytes();
    }
}
