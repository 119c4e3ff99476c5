package org.imagerl.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.imagerl.latent.testing.ModelCase.requireClose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.imagerl.flow.flux.FluxTransformer;
import org.imagerl.flow.sd3.Sd3Transformer;
import org.imagerl.flow.testing.TinyFlowModels;
import org.imagerl.latent.testing.TinyModels;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;

/** With float16 weights the transformers stay near their float32 selves. */
class FlowHalfPrecisionTest {
    private static final double LIMIT = 0.02;

    private final NDManager manager = NDManager.newBaseManager();

    private void compare(Function<Network, Supplier<NDArray>> model) {
        NDArray[] results = new NDArray[2];
        for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT16}) {
            Network network = new Network(type.toString());
            Supplier<NDArray> forward = model.apply(network);
            TinyModels.fill(network, manager, type);
            results[type == DataType.FLOAT16 ? 1 : 0] = Gradients.off(forward);
        }
        assertThat(results[1].getDataType()).isEqualTo(DataType.FLOAT32);
        requireClose("float16", results[1], results[0], LIMIT);
    }

    @Test
    void ofSd3WithFloat32Latents() {
        NDArray latents = Kernels.randn(manager, 3, new Shape(2, 4, 8, 8));
        NDArray times = manager.full(new Shape(2), 700f);
        Map<String, NDArray> conditioning = TinyFlowModels.conditioning(manager, 2, false);
        compare(network -> {
            Sd3Transformer transformer = new Sd3Transformer(network, TinyFlowModels.sd3(), false);
            return () -> transformer.forward(latents, times, conditioning);
        });
    }

    @Test
    void ofFluxWithFloat32Patches() {
        NDArray patches = Kernels.randn(manager, 3, new Shape(2, 6, 16));
        NDArray times = manager.full(new Shape(2), 0.7f);
        FluxTransformer.Places places =
                new FluxTransformer.Places(Kernels.rand(manager, 4, new Shape(6, 3)), manager.zeros(new Shape(5, 3)));
        Map<String, NDArray> conditioning = TinyFlowModels.conditioning(manager, 2, true);
        compare(network -> {
            FluxTransformer transformer = new FluxTransformer(network, TinyFlowModels.flux(), false);
            return () -> transformer.forward(patches, times, conditioning, places);
        });
    }
}
