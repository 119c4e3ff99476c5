package org.imagerl.latent.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.imagerl.latent.testing.ModelCase.requireClose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.imagerl.latent.testing.TinyModels;
import org.imagerl.latent.testing.VaeContract;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;

class AutoencoderKlTest extends VaeContract {
    private final NDManager manager = NDManager.newBaseManager();
    private final Vae vae = vae(manager);

    @Override
    protected Vae vae(NDManager manager) {
        ParameterStore network = new ParameterStore("vae");
        AutoencoderKl declared = new AutoencoderKl(network, TinyModels.vae(), Checkpointing.FALSE);
        TinyModels.fill(network, manager, DataType.FLOAT32);
        return declared;
    }

    @Override
    protected Shape image() {
        return new Shape(3, 8, 12);
    }

    @Override
    protected int downscale() {
        return TinyModels.vae().downscale();
    }

    @Test
    void encodesABatchAsItsImages() {
        NDArray images = Kernels.randn(manager, 3, new Shape(2, 3, 8, 12));
        Moments both = Gradients.off(() -> vae.encode(images));
        Moments second = Gradients.off(() -> vae.encode(images.get("1:2")));
        requireClose("mean", both.mean().get("1:2"), second.mean(), 1e-5);
        requireClose("logvar", both.logvar().get("1:2"), second.logvar(), 1e-5);
    }

    @Test
    void drawsMeanPlusStandardDeviationTimesNoise() {
        Moments moments =
                new Moments(manager.create(new float[] {1, 2}), manager.create(new float[] {0, (float) Math.log(4)}));
        NDArray noise = manager.create(new float[] {0.5f, -1});
        assertThat(moments.sample(noise).toFloatArray()).containsExactly(1.5f, 0);
    }

    @Test
    void shiftsBeforeItScalesForTheDenoiserAndBack() {
        NDArray latent = manager.create(new float[] {0.0609f, 1.0609f});
        NDArray scaled = vae.toDenoiser(latent);
        requireClose("to the denoiser", scaled, manager.create(new float[] {0, 1.5035f}), 1e-6);
        requireClose("and back", vae.fromDenoiser(scaled), latent, 1e-6);
    }
}
