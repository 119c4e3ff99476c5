package org.imagerl.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.imagerl.latent.testing.ModelCase.requireClose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.Function;
import org.imagerl.diffusion.unet.TinyUnet;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.latent.testing.TinyModels;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;

/** With float16 weights the networks stay near their float32 selves. */
class HalfPrecisionTest {
    private static final double LIMIT = 0.02;

    private final NDManager manager = NDManager.newBaseManager();

    /** A network run with float32 and with the same weights rounded to float16. */
    private void compare(Function<Network, Function<NDArray, NDArray>> model, NDArray input, DataType expectedType) {
        NDArray[] results = new NDArray[2];
        for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT16}) {
            Network network = new Network(type.toString());
            Function<NDArray, NDArray> forward = model.apply(network);
            TinyModels.fill(network, manager, type);
            results[type == DataType.FLOAT16 ? 1 : 0] = Gradients.off(() -> forward.apply(input));
        }
        assertThat(results[1].getDataType()).isEqualTo(expectedType);
        requireClose("float16", results[1], results[0], LIMIT);
    }

    @Test
    void ofTheUnetWithFloat32Latents() {
        NDArray latents = Kernels.randn(manager, 3, new Shape(2, 4, 8, 8));
        compare(
                network -> {
                    UNet unet = new UNet(network, TinyUnet.config(), false);
                    return x -> unet.forward(x, new double[] {1, 999}, TinyUnet.conditioning(manager, 2));
                },
                latents,
                DataType.FLOAT32);
    }
}
