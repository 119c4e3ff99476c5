package org.imagerl.diffusion.unet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.latent.testing.TinyModels;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Frozen weights have backward passes of their own where feature maps are large: the gradients are those of trained
 * weights, which the engine computes.
 */
class FrozenUnetTest {
    private static final double LARGEST_DIFFERENCE = 2e-5;
    private static final int CHANNELS = 64;
    private static final Shape LATENTS = new Shape(1, 4, 46, 46);

    private static UnetConfig config() {
        UnetLevel fine = new UnetLevel(CHANNELS, 1, true, 2, 1, 6, false);
        UnetLevel coarse = new UnetLevel(16, 1, false, 2, 1, 6, false);
        UnetLevel middle = new UnetLevel(16, 2, true, 2, 1, 6, false);
        UnetLevel coarseUp = new UnetLevel(16, 2, false, 2, 1, 6, false);
        UnetLevel fineUp = new UnetLevel(CHANNELS, 2, true, 2, 1, 6, false);
        return new UnetConfig(
                4,
                4,
                List.of(46, 46),
                List.of(fine, coarse),
                Optional.of(middle),
                List.of(coarseUp, fineUp),
                4 * CHANNELS,
                true,
                0,
                4,
                1e-5,
                false,
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    private static float[][] gradients(NDManager manager, Checkpointing checkpointing, boolean trained) {
        ParameterStore network = new ParameterStore("unet");
        UNet unet = new UNet(network, config(), checkpointing);
        TinyModels.fill(network, manager, DataType.FLOAT32);
        network.trainable().forEach(parameter -> parameter.value().setRequiresGradient(trained));
        NDArray time = network.parameter("time_embedding.linear_1.weight").value();
        time.setRequiresGradient(true);
        NDArray latents = Kernels.randn(manager, 3, LATENTS);
        NDArray text = Kernels.randn(manager, 7, new Shape(1, 5, 6));
        NDArray cotangent = Kernels.randn(manager, 8, LATENTS);
        latents.setRequiresGradient(true);
        text.setRequiresGradient(true);
        Scope.run(() -> Gradients.record(recording -> {
            NDArray y = unet.forward(latents, new double[] {500}, Map.of("encoder_hidden_states", text));
            recording.backward(y, cotangent);
            return "";
        }));
        return new float[][] {
            latents.getGradient().toFloatArray(),
            text.getGradient().toFloatArray(),
            time.getGradient().toFloatArray()
        };
    }

    @ParameterizedTest
    @EnumSource
    void hasTheGradientsOfATrainedOne(Checkpointing checkpointing) {
        try (NDManager manager = NDManager.newBaseManager()) {
            float[][] frozen = gradients(manager, checkpointing, false);
            float[][] trained = gradients(manager, checkpointing, true);
            for (int i = 0; i < frozen.length; i++) {
                double scale = 0;
                double difference = 0;
                for (int k = 0; k < frozen[i].length; k++) {
                    scale = Math.max(scale, Math.abs(trained[i][k]));
                    difference = Math.max(difference, Math.abs(trained[i][k] - frozen[i][k]));
                }
                assertThat(scale).as("gradient " + i).isPositive();
                assertThat(difference / scale).as("gradient " + i).isLessThan(LARGEST_DIFFERENCE);
            }
        }
    }
}
