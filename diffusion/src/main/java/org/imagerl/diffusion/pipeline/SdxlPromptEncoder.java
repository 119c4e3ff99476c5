package org.imagerl.diffusion.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.imagerl.latent.clip.TextEncoding;
import org.imagerl.latent.pipeline.PromptEncoder;
import org.imagerl.latent.pipeline.TextTower;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.data.Framing;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * SDXL (Podell et al., SDXL, 2023, arXiv 2307.01952): the penultimate hidden states of two text encoders side by side, the projected
 * pooled state of the second, and the image's size ("original", crop, "target") in pixels.
 *
 * @param zeroEmptyNegative whether an empty negative prompt is all zeros ({@code force_zeros_for_empty_prompt})
 */
record SdxlPromptEncoder(TextTower first, TextTower second, boolean zeroEmptyNegative) implements PromptEncoder {

    @Override
    public Map<String, NDArray> encode(NDManager manager, List<String> texts, boolean negative, ImageSize size) {
        return encode(manager, texts, negative, Collections.nCopies(texts.size(), Framing.whole(size)));
    }

    @Override
    public Map<String, NDArray> encode(
            NDManager manager, List<String> texts, boolean negative, List<Framing> framings) {
        TextEncoding one = first.encode(manager, texts);
        TextEncoding two = second.encode(manager, texts);
        NDArray hidden =
                Kernels.cast(one.penultimateHiddenState().concat(two.penultimateHiddenState(), -1), DataType.FLOAT32);
        NDArray pooled = Kernels.cast(two.projected().orElseThrow(), DataType.FLOAT32);
        if (negative && zeroEmptyNegative && texts.stream().allMatch(String::isEmpty)) {
            hidden = manager.zeros(hidden.getShape());
            pooled = manager.zeros(pooled.getShape());
        }
        return Map.of("encoder_hidden_states", hidden, "text_embeds", pooled, "time_ids", timeIds(manager, framings));
    }

    private static NDArray timeIds(NDManager manager, List<Framing> framings) {
        float[][] ids = framings.stream().map(Framing::numbers).toArray(float[][]::new);
        return manager.create(ids).duplicate();
    }

    @Override
    public List<ParameterStore> networks() {
        return List.of(first.network(), second.network());
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
