package org.imagerl.diffusion;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.latent.testing.ModelCheck;
import org.imagerl.latent.testing.ModelCheck.Model;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Our networks against diffusers and transformers: outputs and gradients of every case of golden/models of this module's kinds. */
class GoldenModelsTest {
    @TestFactory
    Stream<DynamicTest> everyCaseHasThePublishedOutputsAndGradients() throws IOException {
        return ModelCheck.all(GoldenModelsTest::tests);
    }

    private static Stream<DynamicTest> tests(ModelCheck check, Path folder) {
        return switch (ModelCheck.kind(folder)) {
            case "unet" -> check.tests(folder, GoldenModelsTest::unet);
            default -> check.none(folder);
        };
    }

    private static Model unet(ParameterStore network, Path config, boolean checkpointing) {
        UNet unet = new UNet(network, UnetConfig.read(config), Checkpointing.of(checkpointing));
        return inputs -> {
            Map<String, NDArray> conditioning = new HashMap<>(inputs);
            NDArray latents = conditioning.remove("sample");
            long[] timesteps = conditioning.remove("timestep").toLongArray();
            double[] times = new double[timesteps.length];
            for (int i = 0; i < times.length; i++) {
                times[i] = timesteps[i];
            }
            return Map.of("sample", unet.forward(latents, times, conditioning));
        };
    }
}
