package org.imagerl.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.function.Supplier;
import org.imagerl.diffusion.unet.TinyUnet;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.latent.testing.LeakCheck;
import org.imagerl.latent.testing.TinyModels;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A forward pass, recorded and back-propagated or not, leaves as many live native arrays as it found. */
class MemoryTest {
    /** Weights apart from activations: nothing may be attached to the weights' manager by a call. */
    private final NDManager weights = NDManager.newBaseManager();

    private final NDManager manager = NDManager.newBaseManager();

    private void requireNothingLeft(ParameterStore network, Supplier<NDArray> forward) {
        LeakCheck.requireNothingLeft(weights, manager, network, forward);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ofTheUnet(boolean checkpointing) {
        ParameterStore network = new ParameterStore("unet");
        UNet unet = new UNet(network, TinyUnet.config(), Checkpointing.of(checkpointing));
        TinyModels.fill(network, weights, DataType.FLOAT32);
        NDArray latents = Kernels.randn(manager, 3, new Shape(2, 4, 6, 10));
        Map<String, NDArray> conditioning = TinyUnet.conditioning(manager, 2);
        requireNothingLeft(
                network,
                () -> unet.forward(latents, new double[] {1, 999}, conditioning).sum());
    }

    @Test
    void ofTheUnetSamplingWithoutAScopeButItsResult() {
        ParameterStore network = new ParameterStore("unet");
        UNet unet = new UNet(network, TinyUnet.config(), Checkpointing.TRUE);
        TinyModels.fill(network, weights, DataType.FLOAT32);
        NDArray latents = Kernels.randn(manager, 3, new Shape(1, 4, 8, 8));
        Map<String, NDArray> conditioning = TinyUnet.conditioning(manager, 1);
        int before = manager.getManagedArrays().size();
        Gradients.off(() -> unet.forward(latents, new double[] {500}, conditioning));
        assertThat(manager.getManagedArrays()).hasSize(before + 1);
    }
}
