package org.imagerl.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.imagerl.diffusion.unet.TinyUnet;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.latent.testing.HalfPrecisionCheck;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;

/** With float16 weights the networks stay near their float32 selves. */
class HalfPrecisionTest {
    private final NDManager manager = NDManager.newBaseManager();

    @Test
    void ofTheUnetWithFloat32Latents() {
        NDArray latents = Kernels.randn(manager, 3, new Shape(2, 4, 8, 8));
        HalfPrecisionCheck.check(
                manager,
                network -> {
                    UNet unet = new UNet(network, TinyUnet.config(), Checkpointing.FALSE);
                    return () -> unet.forward(latents, new double[] {1, 999}, TinyUnet.conditioning(manager, 2));
                },
                DataType.FLOAT32);
    }
}
