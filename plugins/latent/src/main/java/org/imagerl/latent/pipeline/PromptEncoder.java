package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.ImageSize;
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

    /** The text encoders' weights. */
    List<ParameterStore> networks();

    @Override
    void close();
}
