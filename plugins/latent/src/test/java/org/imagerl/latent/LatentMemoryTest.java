package org.imagerl.latent;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.Supplier;
import org.imagerl.latent.clip.ClipTextModel;
import org.imagerl.latent.clip.TextEncoding;
import org.imagerl.latent.testing.LeakCheck;
import org.imagerl.latent.testing.TinyModels;
import org.imagerl.latent.vae.AutoencoderKl;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A forward pass, recorded and back-propagated or not, leaves as many live native arrays as it found. */
class LatentMemoryTest {
    /** Weights apart from activations: nothing may be attached to the weights' manager by a call. */
    private final NDManager weights = NDManager.newBaseManager();

    private final NDManager manager = NDManager.newBaseManager();

    private void requireNothingLeft(ParameterStore network, Supplier<NDArray> forward) {
        LeakCheck.requireNothingLeft(weights, manager, network, forward);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ofTheAutoencoder(boolean checkpointing) {
        ParameterStore network = new ParameterStore("vae");
        AutoencoderKl vae = new AutoencoderKl(network, TinyModels.vae(), Checkpointing.of(checkpointing));
        TinyModels.fill(network, weights, DataType.FLOAT32);
        NDArray image = Kernels.randn(manager, 3, new Shape(2, 3, 8, 12));
        NDArray noise = Kernels.randn(manager, 4, new Shape(2, 4, 4, 6));
        requireNothingLeft(network, () -> {
            NDArray latents = vae.toDenoiser(vae.encode(image).sample(noise));
            return vae.decode(vae.fromDenoiser(latents)).sum();
        });
    }

    @Test
    void ofTheTextEncoder() {
        ParameterStore network = new ParameterStore("text_encoder");
        ClipTextModel clip = new ClipTextModel(network, TinyModels.clip());
        TinyModels.fill(network, weights, DataType.FLOAT32);
        NDArray ids = manager.create(new long[][] {{1, 5, 19, 0}, {1, 19, 0, 19}});
        requireNothingLeft(network, () -> {
            TextEncoding encoding = clip.forward(ids);
            return encoding.lastHiddenState()
                    .sum()
                    .add(encoding.projected().orElseThrow().sum());
        });
    }
}
