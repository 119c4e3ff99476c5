package org.imagerl.diffusion.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.latent.pretrain.PretrainPlan;
import org.imagerl.latent.testing.Interruptions;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StableDiffusionPretrainingTest {

    @TempDir
    Path folder;

    private Context context() {
        return new Context(folder, "cpu", 1, warning -> {});
    }

    private Pretraining tiny(int width) {
        PretrainConfig config = new PretrainConfig(
                width,
                16,
                3,
                new PretrainPlan.Data(null, 10, 100),
                new PretrainPlan.Vae(List.of(8, 8), 4, 1, 4, 3, 2, 1e-3, 1e-3),
                new PretrainPlan.TextEncoder(8, 1, 2, 24),
                new PretrainConfig.Unet(List.of(8, 8), 1, 2, 4, 3, 2, 1e-3, 0.5, 0.5),
                100,
                "float32");
        return new StableDiffusionPretrainingFactory().create(config, context());
    }

    @Test
    void anInterruptedPretrainingEndsWithTheSameBytes() throws IOException {
        Path straight = Interruptions.straight(tiny(32), folder.resolve("straight"));
        Path stopped = folder.resolve("stopped");
        assertThat(Interruptions.stopping(tiny(32), stopped, "unet")).isGreaterThan(1);
        Interruptions.assertSame(stopped, straight);
    }

    @Test
    void theFolderOpens() {
        Path made = Interruptions.straight(tiny(32), folder.resolve("made"));
        PipelineFactory factory = StableDiffusion.FAMILY;
        assertThat(factory.recognises(made)).isTrue();
        try (Pipeline pipeline = factory.open(made, new PipelineFactory.Options("float32", false, context()))) {
            assertThat(pipeline.defaultSize()).isEqualTo(new ImageSize(32, 16));
        }
    }

    @Test
    void aSizeThatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> tiny(33))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("multiples of 2")
                .hasMessageContaining("33 x 16");
    }
}
