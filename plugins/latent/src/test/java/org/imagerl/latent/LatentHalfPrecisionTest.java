package org.imagerl.latent;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.imagerl.latent.clip.ClipTextModel;
import org.imagerl.latent.testing.HalfPrecisionCheck;
import org.imagerl.latent.testing.TinyModels;
import org.imagerl.latent.vae.AutoencoderKl;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;

/** With float16 weights the networks stay near their float32 selves. */
class LatentHalfPrecisionTest {
    private final NDManager manager = NDManager.newBaseManager();

    @Test
    void ofTheAutoencoderWithAFloat32Image() {
        NDArray image = Kernels.randn(manager, 3, new Shape(1, 3, 8, 8));
        HalfPrecisionCheck.check(
                manager,
                network -> {
                    AutoencoderKl vae = new AutoencoderKl(network, TinyModels.vae(), Checkpointing.FALSE);
                    return () -> vae.decode(vae.encode(image).mean());
                },
                DataType.FLOAT32);
    }

    @Test
    void ofTheTextEncoder() {
        NDArray ids = manager.create(new long[][] {{1, 5, 7, 19}});
        HalfPrecisionCheck.check(
                manager,
                network -> {
                    ClipTextModel clip = new ClipTextModel(network, TinyModels.clip());
                    return () -> clip.forward(ids).projected().orElseThrow();
                },
                DataType.FLOAT16);
    }
}
