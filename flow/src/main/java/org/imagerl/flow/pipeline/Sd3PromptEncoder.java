package org.imagerl.flow.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imagerl.flow.transformer.ConditioningInputs;
import org.imagerl.latent.clip.TextEncoding;
import org.imagerl.latent.pipeline.PromptEncoder;
import org.imagerl.latent.pipeline.TextTower;
import org.imagerl.spi.ImageSize;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * SD3 (Esser et al., 2024, arXiv 2403.03206, section 4): the penultimate hidden states of two CLIP encoders side by side, filled up with
 * zeros to T5's width, and after them T5's hidden states; and the projected pooled states of the CLIP encoders side by side. Without
 * T5 its hidden states are zeros.
 *
 * @param textWidth of the denoiser's text tokens
 * @param t5Tokens tokens of a prompt for T5
 */
record Sd3PromptEncoder(TextTower first, TextTower second, Optional<T5Tower> third, int textWidth, int t5Tokens)
        implements PromptEncoder {

    @Override
    public Map<String, NDArray> encode(NDManager manager, List<String> texts, boolean negative, ImageSize size) {
        TextEncoding one = first.encode(manager, texts);
        TextEncoding two = second.encode(manager, texts);
        NDArray clip = one.penultimateHiddenState().concat(two.penultimateHiddenState(), -1);
        NDArray t5 = third.map(tower -> tower.encode(manager, texts))
                .orElseGet(() -> manager.zeros(new Shape(texts.size(), t5Tokens, textWidth)));
        NDArray pooled = one.projected().orElseThrow().concat(two.projected().orElseThrow(), -1);
        return Map.of(
                ConditioningInputs.TEXT,
                widened(Kernels.cast(clip, DataType.FLOAT32)).concat(t5, 1),
                ConditioningInputs.POOLED,
                Kernels.cast(pooled, DataType.FLOAT32));
    }

    private NDArray widened(NDArray clip) {
        Shape shape = clip.getShape();
        long missing = textWidth - shape.get(2);
        NDArray zeros = clip.getManager().zeros(new Shape(shape.get(0), shape.get(1), missing));
        return missing == 0 ? clip : clip.concat(zeros, -1);
    }

    @Override
    public List<ParameterStore> networks() {
        List<ParameterStore> networks = new ArrayList<>(List.of(first.network(), second.network()));
        third.ifPresent(tower -> networks.add(tower.network()));
        return networks;
    }

    @Override
    public void close() {
        first.close();
        second.close();
        third.ifPresent(T5Tower::close);
    }
}
