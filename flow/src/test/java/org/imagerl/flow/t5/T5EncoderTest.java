package org.imagerl.flow.t5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.UnaryOperator;
import org.imagerl.flow.checkpoint.T5Config;
import org.imagerl.latent.testing.TinyModels;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.Test;

class T5EncoderTest {

    @Test
    void theSharedEmbeddingServesAFileWithoutTheEncodersOwn() {
        UnaryOperator<String> keys = T5Encoder.keys(List.of("shared.weight", "encoder.final_layer_norm.weight"));
        assertThat(keys.apply("shared.weight")).isEqualTo("shared.weight");
        assertThat(keys.apply("encoder.final_layer_norm.weight")).isEqualTo("encoder.final_layer_norm.weight");
    }

    @Test
    void theEncodersOwnEmbeddingTakesThePlaceOfTheShared() {
        UnaryOperator<String> both = T5Encoder.keys(List.of("shared.weight", "encoder.embed_tokens.weight"));
        assertThat(both.apply("shared.weight")).isEmpty();
        assertThat(both.apply("encoder.embed_tokens.weight")).isEqualTo("shared.weight");
        UnaryOperator<String> alone = T5Encoder.keys(List.of("encoder.embed_tokens.weight"));
        assertThat(alone.apply("encoder.embed_tokens.weight")).isEqualTo("shared.weight");
    }

    @Test
    void theDecoderOfAWholeT5IsLeftOut() {
        UnaryOperator<String> keys = T5Encoder.keys(List.of("shared.weight"));
        assertThat(keys.apply("decoder.block.0.layer.0.SelfAttention.q.weight")).isEmpty();
        assertThat(keys.apply("lm_head.weight")).isEmpty();
    }

    /** One layer whose attention is switched off by a zero output matrix: what is left is computed here. */
    @Test
    void aPlainFeedForwardLayerIsReluBetweenTwoMatrices() {
        T5Config config = new T5Config(3, 2, 2, 1, 1, 2, 4, 8, false, 0, List.of());
        try (NDManager manager = NDManager.newBaseManager()) {
            ParameterStore network = new ParameterStore("t5");
            T5Encoder encoder = new T5Encoder(network, config);
            TinyModels.fill(network, manager, DataType.FLOAT32);
            String layer = "encoder.block.0.layer.";
            network.parameter("shared.weight").set(manager.create(new float[] {3, 4, 1, 1, 0, 2}, new Shape(3, 2)));
            network.parameter(layer + "0.SelfAttention.o.weight").set(manager.zeros(new Shape(2, 2)));
            for (String norm : List.of(layer + "1.layer_norm.weight", "encoder.final_layer_norm.weight")) {
                network.parameter(norm).set(manager.ones(new Shape(2)));
            }
            network.parameter(layer + "1.DenseReluDense.wi.weight")
                    .set(manager.create(new float[] {1, 0, 0, -1}, new Shape(2, 2)));
            network.parameter(layer + "1.DenseReluDense.wo.weight")
                    .set(manager.create(new float[] {5, 7, 0, 7}, new Shape(2, 2)));
            NDArray output = Gradients.off(() -> encoder.forward(manager.create(new long[][] {{0}})));
            // x = (3, 4), root mean square sqrt(12.5); relu leaves the first alone; the state is (3 + 15 / sqrt(12.5),
            // 4).
            double first = 3 + 15 / Math.sqrt(12.5);
            double root = Math.sqrt((first * first + 16) / 2);
            assertThat(output.toFloatArray())
                    .containsExactly(new float[] {(float) (first / root), (float) (4 / root)}, within(1e-6f));
        }
    }
}
