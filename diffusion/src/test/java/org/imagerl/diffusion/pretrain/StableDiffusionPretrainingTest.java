package org.imagerl.diffusion.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.latent.pretrain.PretrainPlan;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.PretrainingContract;
import org.junit.jupiter.api.Nested;
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

    /** The folder of a whole training. */
    private Path made(Pretraining pretraining) {
        Path made = folder.resolve("made");
        pretraining.run(made, (stage, done, total, detail) -> {});
        return made;
    }

    @Nested
    class Contract extends PretrainingContract {
        @Override
        protected Pretraining create(Path place) {
            return tiny(32);
        }

        @Override
        protected String last() {
            return "unet/diffusion_pytorch_model.safetensors";
        }
    }

    @Test
    void theFolderOpens() {
        Path made = made(tiny(32));
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
