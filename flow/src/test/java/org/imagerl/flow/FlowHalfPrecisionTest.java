package org.imagerl.flow;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.imagerl.flow.flux.FluxTransformer;
import org.imagerl.flow.sd3.Sd3Transformer;
import org.imagerl.flow.testing.TinyFlowModels;
import org.imagerl.latent.testing.HalfPrecisionCheck;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;

/** With float16 weights the transformers stay near their float32 selves. */
class FlowHalfPrecisionTest {
    private final NDManager manager = NDManager.newBaseManager();

    @Test
    void ofSd3WithFloat32Latents() {
        NDArray latents = Kernels.randn(manager, 3, new Shape(2, 4, 8, 8));
        NDArray times = manager.full(new Shape(2), 700f);
        Map<String, NDArray> conditioning = TinyFlowModels.conditioning(manager, 2, false);
        HalfPrecisionCheck.check(
                manager,
                network -> {
                    Sd3Transformer transformer = new Sd3Transformer(network, TinyFlowModels.sd3(), false);
                    return () -> transformer.forward(latents, times, conditioning);
                },
                DataType.FLOAT32);
    }

    @Test
    void ofFluxWithFloat32Patches() {
        NDArray patches = Kernels.randn(manager, 3, new Shape(2, 6, 16));
        NDArray times = manager.full(new Shape(2), 0.7f);
        FluxTransformer.Places places =
                new FluxTransformer.Places(Kernels.rand(manager, 4, new Shape(6, 3)), manager.zeros(new Shape(5, 3)));
        Map<String, NDArray> conditioning = TinyFlowModels.conditioning(manager, 2, true);
        HalfPrecisionCheck.check(
                manager,
                network -> {
                    FluxTransformer transformer = new FluxTransformer(network, TinyFlowModels.flux(), false);
                    return () -> transformer.forward(patches, times, conditioning, places);
                },
                DataType.FLOAT32);
    }
}
