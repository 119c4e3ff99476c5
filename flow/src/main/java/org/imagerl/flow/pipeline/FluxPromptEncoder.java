package org.imagerl.flow.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.imagerl.flow.transformer.ConditioningInputs;
import org.imagerl.latent.pipeline.PromptEncoder;
import org.imagerl.latent.pipeline.TextTower;
import org.imagerl.spi.ImageSize;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * FLUX: T5's hidden states, the pooled state of a CLIP encoder, and the guidance scale.
 *
 * @param guidance for denoisers that are conditioned on it
 */
record FluxPromptEncoder(TextTower clip, T5Tower t5, Optional<Double> guidance) implements PromptEncoder {

    @Override
    public Map<String, NDArray> encode(NDManager manager, List<String> texts, boolean negative, ImageSize size) {
        Map<String, NDArray> conditioning = new TreeMap<>();
        conditioning.put(ConditioningInputs.TEXT, t5.encode(manager, texts));
        conditioning.put(
                ConditioningInputs.POOLED,
                Kernels.cast(clip.encode(manager, texts).pooled(), DataType.FLOAT32));
        guidance.ifPresent(scale -> conditioning.put(
                ConditioningInputs.GUIDANCE, manager.full(new Shape(texts.size()), scale.floatValue())));
        return conditioning;
    }

    @Override
    public List<ParameterStore> networks() {
        return List.of(clip.network(), t5.network());
    }

    @Override
    public void close() {
        clip.close();
        t5.close();
    }
}
