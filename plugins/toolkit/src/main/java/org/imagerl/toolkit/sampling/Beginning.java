package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.imagerl.spi.Mixture;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a batch of samples with an {@link ImageStart}. The random numbers of a sample are drawn from its seed in the order in which the pipelines
 * of diffusers draw them with a generator of that seed: for the latents of the image, the noise, and the latents of the masked image.
 *
 * @param state float32 {@code [B, c, h, w]}, before the first step
 * @param clean float32 {@code [B, c, h, w]}, the latents of the image; null if nothing of it is put back
 * @param noise float32 {@code [B, c, h, w]}, with which it is noised
 * @param mask float32 {@code [B, 1, h, w]}, 1 where it is painted anew; null: everywhere
 * @param maskedImage float32 {@code [B, 1 + c, h, w]}, see {@link org.imagerl.spi.Pipeline#MASKED_IMAGE}; null for denoisers that do not take it
 */
record Beginning(
        NDArray state,
        @Nullable NDArray clean,
        NDArray noise,
        @Nullable NDArray mask,
        @Nullable NDArray maskedImage) {

    /** The grey that a masked part has in the image that the denoiser is given. */
    private static final float GREY = 0.5f;

    /**
     * Encodes the images and noises them.
     *
     * @param manager owns the result
     * @param starts one per sample, all with masks or none, of one strength
     * @param shape {@code [c, h, w]} of a latent
     */
    static Beginning of(
            NDManager manager,
            GuidedPolicy policy,
            TransitionKernel kernel,
            List<ImageStart> starts,
            long[] seeds,
            long... shape) {
        boolean given = policy.paintsIn();
        // An image that all samples begin with is encoded once.
        List<ImageStart> encoded = starts.stream().distinct().count() == 1 ? starts.subList(0, 1) : starts;
        ImageStart start = starts.get(0);
        boolean pure = start.mask() != null && start.strength() == 1;
        NDArray draws = draws(manager, seeds, shape);
        int drawn = 0;
        NDArray clean = null;
        if (!(given && pure)) {
            clean = policy.latents(pixels(manager, encoded, false), draws.get(drawn++));
        }
        NDArray noise = draws.get(drawn++);
        Mixture mixture = kernel.mixture(0);
        NDArray state = clean == null || pure
                ? Kernels.scale(noise, kernel.startStd())
                : Kernels.combine(clean, mixture.alpha(), noise, mixture.sigma());
        NDArray mask = start.mask() == null ? null : mask(manager, starts, shape);
        NDArray masked = null;
        if (given && mask != null) {
            masked = mask.concat(policy.latents(pixels(manager, encoded, true), draws.get(drawn)), 1);
        }
        return new Beginning(state, given ? null : clean, noise, mask, masked);
    }

    /** {@code [3, B, c, h, w]}: of every seed three draws in a row. */
    private static NDArray draws(NDManager manager, long[] seeds, long... shape) {
        Shape three = new Shape(1, 3, shape[0], shape[1], shape[2]);
        NDList rows = new NDList();
        for (long seed : seeds) {
            rows.add(Kernels.randn(manager, seed, three));
        }
        return NDArrays.concat(rows, 0).transpose(1, 0, 2, 3, 4);
    }

    /** {@code [B, 3, H, W]} in 0..1; if wanted grey where they are painted anew. */
    private static NDArray pixels(NDManager manager, List<ImageStart> starts, boolean masked) {
        NDArray images = ImageTensors.toTensor(
                manager, starts.stream().map(ImageStart::image).toList());
        if (!masked) {
            return images.duplicate();
        }
        int width = starts.get(0).image().width();
        int plane = width * starts.get(0).image().height();
        float[] values = images.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            int pixel = i % plane;
            boolean painted = starts.get(i / (3 * plane)).painted(pixel % width, pixel / width);
            values[i] = painted ? GREY : values[i];
        }
        return manager.create(values, images.getShape()).duplicate();
    }

    /** The pixel at the top left of every latent element, as {@code torch.nn.functional.interpolate} takes the nearest. */
    private static NDArray mask(NDManager manager, List<ImageStart> starts, long... shape) {
        int rows = (int) shape[1];
        int columns = (int) shape[2];
        int down = starts.get(0).image().height() / rows;
        int across = starts.get(0).image().width() / columns;
        float[] values = new float[starts.size() * rows * columns];
        for (int i = 0; i < values.length; i++) {
            int element = i % (rows * columns);
            ImageStart start = starts.get(i / (rows * columns));
            values[i] = start.painted(element % columns * across, element / columns * down) ? 1 : 0;
        }
        return manager.create(values, new Shape(starts.size(), 1, rows, columns))
                .duplicate();
    }

    /**
     * Puts back what is not painted anew.
     *
     * @param step that has been made
     * @param latents float32 {@code [B, c, h, w]}, after it
     * @return float32 {@code [B, c, h, w]}
     */
    NDArray held(TransitionKernel kernel, int step, NDArray latents) {
        NDArray image = clean;
        if (mask == null || image == null) {
            return latents;
        }
        if (step + 1 < kernel.steps()) {
            Mixture mixture = kernel.mixture(step + 1);
            image = Kernels.combine(image, mixture.alpha(), noise, mixture.sigma());
        }
        return Kernels.combine(latents, 1, image, -1).mul(mask).add(image);
    }
}
