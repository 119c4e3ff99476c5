package org.imagerl.flow;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.imagerl.flow.flux.FluxTransformer;
import org.imagerl.flow.sd3.Sd3Transformer;
import org.imagerl.flow.t5.T5Encoder;
import org.imagerl.flow.testing.TinyFlowModels;
import org.imagerl.latent.testing.LeakCheck;
import org.imagerl.latent.testing.TinyModels;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A forward pass, recorded and back-propagated or not, leaves as many live native arrays as it found. */
class FlowMemoryTest {
    /** What the text would ask in SD3's last block, where it ends. */
    private static final Set<String> UNUSED = Set.of(
            "transformer_blocks.2.attn.add_q_proj.weight",
            "transformer_blocks.2.attn.add_q_proj.bias",
            "transformer_blocks.2.attn.norm_added_q.weight");

    /** Weights apart from activations: nothing may be attached to the weights' manager by a call. */
    private final NDManager weights = NDManager.newBaseManager();

    private final NDManager manager = NDManager.newBaseManager();

    private void requireNothingLeft(ParameterStore network, Supplier<NDArray> forward) {
        LeakCheck.requireNothingLeft(weights, manager, network, forward);
        for (Parameter parameter : network.trainable()) {
            try (NDArray gradient = parameter.value().getGradient()) {
                boolean moves = gradient.abs().sum().getFloat() > 0;
                assertThat(moves).as(parameter.key()).isNotEqualTo(UNUSED.contains(parameter.key()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ofSd3(boolean checkpointing) {
        ParameterStore network = new ParameterStore("transformer");
        Sd3Transformer transformer = new Sd3Transformer(network, TinyFlowModels.sd3(), checkpointing);
        TinyModels.fill(network, weights, DataType.FLOAT32);
        NDArray latents = Kernels.randn(manager, 3, new Shape(2, 4, 6, 10));
        NDArray times = manager.full(new Shape(2), 700f);
        Map<String, NDArray> conditioning = TinyFlowModels.conditioning(manager, 2, false);
        requireNothingLeft(
                network, () -> transformer.forward(latents, times, conditioning).sum());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ofFlux(boolean checkpointing) {
        ParameterStore network = new ParameterStore("transformer");
        FluxTransformer transformer = new FluxTransformer(network, TinyFlowModels.flux(), checkpointing);
        TinyModels.fill(network, weights, DataType.FLOAT32);
        NDArray patches = Kernels.randn(manager, 3, new Shape(2, 6, 16));
        NDArray times = manager.full(new Shape(2), 0.7f);
        FluxTransformer.Places places =
                new FluxTransformer.Places(Kernels.rand(manager, 4, new Shape(6, 3)), manager.zeros(new Shape(5, 3)));
        Map<String, NDArray> conditioning = TinyFlowModels.conditioning(manager, 2, true);
        requireNothingLeft(
                network,
                () -> transformer.forward(patches, times, conditioning, places).sum());
    }

    @Test
    void ofSd3SamplingWithoutAScopeButItsResult() {
        ParameterStore network = new ParameterStore("transformer");
        Sd3Transformer transformer = new Sd3Transformer(network, TinyFlowModels.sd3(), true);
        TinyModels.fill(network, weights, DataType.FLOAT32);
        NDArray latents = Kernels.randn(manager, 3, new Shape(1, 4, 8, 8));
        NDArray times = manager.full(new Shape(1), 700f);
        Map<String, NDArray> conditioning = TinyFlowModels.conditioning(manager, 1, false);
        int before = manager.getManagedArrays().size();
        Gradients.off(() -> transformer.forward(latents, times, conditioning));
        assertThat(manager.getManagedArrays()).hasSize(before + 1);
    }

    @Test
    void ofT5() {
        ParameterStore network = new ParameterStore("text_encoder_3");
        T5Encoder encoder = new T5Encoder(network, TinyFlowModels.t5());
        TinyModels.fill(network, weights, DataType.FLOAT32);
        // Every token, at distances that fall into every bucket.
        long[][] ids = new long[2][20];
        for (int i = 0; i < 20; i++) {
            ids[0][i] = i;
            ids[1][19 - i] = i;
        }
        NDArray input = manager.create(ids);
        NDArray mask = Kernels.randn(manager, 5, new Shape(2, 20, 8));
        requireNothingLeft(network, () -> encoder.forward(input).mul(mask).sum());
    }
}
