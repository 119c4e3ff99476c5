package org.imagerl.latent.clip;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import org.imagerl.latent.testing.TinyModels;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.Test;

class ClipTextModelTest {
    private final NDManager manager = NDManager.newBaseManager();

    private TextEncoding encode(long[]... prompts) {
        ParameterStore network = new ParameterStore("text_encoder");
        ClipTextModel clip = new ClipTextModel(network, TinyModels.clip());
        TinyModels.fill(network, manager, DataType.FLOAT32);
        return Gradients.off(() -> clip.forward(manager.create(prompts)));
    }

    @Test
    void poolsAtTheFirstEndOfTextAndElseAtTheStart() {
        TextEncoding encoding = encode(new long[] {1, 19, 3, 19}, new long[] {1, 2, 3, 4});
        NDArray last = encoding.lastHiddenState();
        assertThat(encoding.pooled().get(0).toFloatArray())
                .isEqualTo(last.get(0).get(1).toFloatArray());
        assertThat(encoding.pooled().get(1).toFloatArray())
                .isEqualTo(last.get(1).get(0).toFloatArray());
    }

    @Test
    void leavesOutThePositionBufferOfOldFiles() {
        assertThat(ClipTextModel.currentKey("text_model.embeddings.position_ids"))
                .isEmpty();
        assertThat(ClipTextModel.currentKey("text_projection.weight")).isEqualTo("text_projection.weight");
    }

    @Test
    void noTokenSeesALaterOne() {
        float[] before =
                encode(new long[] {1, 2, 3, 19}).lastHiddenState().get("0, :3").toFloatArray();
        float[] changed =
                encode(new long[] {1, 2, 3, 7}).lastHiddenState().get("0, :3").toFloatArray();
        assertThat(changed).isEqualTo(before);
    }
}
