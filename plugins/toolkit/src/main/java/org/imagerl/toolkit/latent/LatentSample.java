package org.imagerl.toolkit.latent;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.imagerl.spi.Prompt;

/**
 * The latent of an image, and the score that another reward gives the image.
 *
 * @param latents {@code c h w} numbers, scaled as the denoiser makes them; not copied
 * @param score of the teacher, in its unit
 */
public record LatentSample(float[] latents, Prompt prompt, double score) {

    /** The latents of some samples: float32 {@code [B, c, h, w]}. */
    static NDArray tensor(NDManager manager, List<LatentSample> samples, LatentNetwork.Size size) {
        int each = size.channels() * size.height() * size.width();
        float[] all = new float[samples.size() * each];
        for (int i = 0; i < samples.size(); i++) {
            System.arraycopy(samples.get(i).latents(), 0, all, i * each, each);
        }
        return manager.create(all, new Shape(samples.size(), size.channels(), size.height(), size.width()))
                .duplicate();
    }
}
