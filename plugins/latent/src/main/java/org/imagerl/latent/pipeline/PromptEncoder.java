package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.data.Framing;
import org.imagerl.toolkit.nn.ParameterStore;

/** Encodes prompts as conditioning for the denoiser. */
public interface PromptEncoder extends AutoCloseable {

    /**
     * The denoiser's inputs by name; every tensor has a row for each text, {@code [B, ...]}.
     *
     * @param texts one per sample
     * @param negative whether these are the prompts that guidance leads away from
     * @param size width and height of the images in pixels
     */
    Map<String, NDArray> encode(NDManager manager, List<String> texts, boolean negative, ImageSize size);

    /**
     * The same, {@code [B, ...]}, of images that may have been cut out of others, for denoisers that are conditioned on how. By default on
     * their size alone.
     *
     * @param framings one per sample, all of one size
     */
    default Map<String, NDArray> encode(
            NDManager manager, List<String> texts, boolean negative, List<Framing> framings) {
        return encode(manager, texts, negative, framings.get(0).size());
    }

    /** The text encoders' weights. */
    List<ParameterStore> networks();

    @Override
    void close();
}
