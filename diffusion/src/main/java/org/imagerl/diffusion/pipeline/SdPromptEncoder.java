package org.imagerl.diffusion.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Map;
import org.imagerl.latent.pipeline.PromptEncoder;
import org.imagerl.latent.pipeline.TextTower;
import org.imagerl.spi.ImageSize;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Kernels;

/** SD 1.x and 2.x: the last hidden state of one text encoder. */
record SdPromptEncoder(TextTower tower) implements PromptEncoder {

    @Override
    public Map<String, NDArray> encode(NDManager manager, List<String> texts, boolean negative, ImageSize size) {
        NDArray hidden = tower.encode(manager, texts).lastHiddenState();
        return Map.of("encoder_hidden_states", Kernels.cast(hidden, DataType.FLOAT32));
    }

    @Override
    public List<ParameterStore> networks() {
        return List.of(tower.network());
    }

    @Override
    public void close() {
        tower.close();
    }
}
