package org.imagerl.diffusion.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.imagerl.latent.testing.TinyModels;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;

class UNetTest {
    private final NDManager manager = NDManager.newBaseManager();
    private final ParameterStore network = new ParameterStore("unet");
    private final UNet unet = new UNet(network, TinyUnet.config(), Checkpointing.FALSE);
    private final NDArray latents = Kernels.randn(manager, 3, new Shape(2, 4, 8, 8));

    @Test
    void namesTheConditioningThatIsMissing() {
        TinyModels.fill(network, manager, DataType.FLOAT32);
        Map<String, NDArray> text = Map.of("encoder_hidden_states", Kernels.randn(manager, 7, new Shape(2, 5, 6)));
        assertThatThrownBy(() -> unet.forward(latents, new double[] {1, 2}, text))
                .hasMessage("the UNet needs the conditioning class_labels, given: [encoder_hidden_states]");
    }

    @Test
    void wantsATimestepForEachSample() {
        assertThatThrownBy(() -> unet.forward(latents, new double[] {1}, Map.of()))
                .hasMessage("1 timesteps for a batch of 2");
    }

    @Test
    void takesTheSamplesOfABatchEachWithItsOwnTimestep() {
        TinyModels.fill(network, manager, DataType.FLOAT32);
        float[] together =
                Gradients.off(() -> unet.forward(latents, new double[] {10, 900}, TinyUnet.conditioning(manager, 2))
                        .toFloatArray());
        float[] second = Gradients.off(() -> unet.forward(
                        latents.get("1:2"),
                        new double[] {900},
                        Map.of(
                                "encoder_hidden_states",
                                TinyUnet.conditioning(manager, 2)
                                        .get("encoder_hidden_states")
                                        .get("1:2"),
                                "class_labels",
                                manager.zeros(new Shape(1), DataType.INT64)))
                .toFloatArray());
        for (int i = 0; i < second.length; i++) {
            assertThat(Math.abs(together[second.length + i] - second[i]))
                    .as("element " + i)
                    .isLessThanOrEqualTo(1e-5f);
        }
    }

    @Test
    void declaresItsLinearLayersAndConvolutionsForAdapters() {
        assertThat(network.adaptables())
                .containsKeys(
                        "conv_in",
                        "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q",
                        "mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj",
                        "up_blocks.1.attentions.1.proj_out",
                        "up_blocks.0.upsamplers.0.conv");
    }
}
