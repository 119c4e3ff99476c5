package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import java.util.List;
import org.imagerl.diffusion.solver.UniPc;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PilResize;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.testkit.CloseImages;
import org.imagerl.tests.Paths;
import org.imagerl.toolkit.sampling.ImageSampler;
import org.imagerl.toolkit.sampling.ImageStart;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Samples by a solver that remembers its last steps. */
class SolverSamplingTest {
    private static final Dynamics UNIPC = new UniPc(new UniPc.Config(null, null, null, 3, null));

    private static ImageSampler sampler(Pipeline pipeline, @Nullable ImageStart start) {
        return new ImageSampler(pipeline, UNIPC, new ImageSampler.Settings(5, 2, "", 32, 32), start);
    }

    @Test
    void thereIsOneSeedForEachPrompt() {
        List<Prompt> prompts = List.of(Prompt.of("a", "the cat"), Prompt.of("b", "the dog"));
        try (Pipeline pipeline = TinyPolicy.open(Paths.tinyCheckpoint())) {
            ImageSampler sampler = sampler(pipeline, null);
            for (long[] seeds : new long[][] {{}, {7}, {7, 8, 9}}) {
                assertThatThrownBy(() -> sampler.images(prompts, seeds))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(seeds.length + " seeds for 2 prompts; give one seed for each prompt");
            }
        }
    }

    private static int arrays(NDManager manager) {
        return manager.getManagedArrays().size();
    }

    @Test
    void anImageDoesNotDependOnItsBatchAndNoArrayIsLeft() {
        List<Prompt> prompts = List.of(Prompt.of("a", "the cat"), Prompt.of("b", "the dog"));
        try (Pipeline pipeline = TinyPolicy.open(Paths.tinyCheckpoint())) {
            int before = arrays(pipeline.manager());
            RgbImage begun = ImageDecoder.decode(Paths.golden().resolve("calls/sd/image.png"));
            RgbImage image = PilResize.lanczos(begun, 32, 32);
            for (ImageStart start : new ImageStart[] {null, new ImageStart(image, image, 0.7)}) {
                ImageSampler sampler = sampler(pipeline, start);
                List<RgbImage> both = sampler.images(prompts, 7, 8);
                RgbImage alone = sampler.images(prompts.subList(1, 2), 8).get(0);
                CloseImages.requireWithinOneByte("alone", alone, both.get(1));
                assertThat(both.get(0).rgb()).isNotEqualTo(both.get(1).rgb());
                assertThat(arrays(pipeline.manager())).as("arrays left").isEqualTo(before);
            }
        }
    }
}
