package org.imagerl.diffusion.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.latent.pipeline.PromptEncoder;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.data.Framing;
import org.imagerl.toolkit.nn.ParameterStore;

/**
 * For denoisers that are distilled from guidance and take its scale as an input, as LCM's.
 *
 * @param prompts encodes the prompts
 * @param scale of the guidance, as diffusers' {@code guidance_scale}; 1 is none
 */
record GuidedPromptEncoder(PromptEncoder prompts, double scale) implements PromptEncoder {

    @Override
    public Map<String, NDArray> encode(NDManager manager, List<String> texts, boolean negative, ImageSize size) {
        return withScale(manager, texts.size(), prompts.encode(manager, texts, negative, size));
    }

    @Override
    public Map<String, NDArray> encode(
            NDManager manager, List<String> texts, boolean negative, List<Framing> framings) {
        return withScale(manager, texts.size(), prompts.encode(manager, texts, negative, framings));
    }

    private Map<String, NDArray> withScale(NDManager manager, int rows, Map<String, NDArray> encoded) {
        Map<String, NDArray> conditioning = new HashMap<>(encoded);
        float[] scales = new float[rows];
        Arrays.fill(scales, (float) scale);
        conditioning.put(
                "guidance", manager.create(scales, new Shape(scales.length)).duplicate());
        return conditioning;
    }

    @Override
    public List<ParameterStore> networks() {
        return prompts.networks();
    }

    @Override
    public void close() {
        prompts.close();
    }
}
