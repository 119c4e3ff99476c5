package org.imagerl.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.Framing;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.Test;

/** SDXL is conditioned on the size that an image had, on where it was cut, and on the size that is made. */
class FramingTest {
    private static final ImageSize RUN = new ImageSize(64, 64);
    private static final Framing CUT = new Framing(new ImageSize(1200, 800), 3, 17, new ImageSize(80, 48));

    private static float[] row(Map<String, NDArray> conditioning, int row) {
        return Objects.requireNonNull(conditioning.get("time_ids")).get(row).toFloatArray();
    }

    /** The order of diffusers: original height and width, top, left, height and width; both branches of guidance alike. */
    @Test
    void whatWasDoneToAnImageIsTheSizeConditioningOfBothBranches() {
        Path folder = Paths.golden().resolve("pipelines/sdxl-tiny");
        PipelineFactory.Options options =
                new PipelineFactory.Options("float32", false, new Context(Path.of("."), "cpu", 1, line -> {}));
        try (Pipeline pipeline = StableDiffusion.FAMILY.open(folder, options)) {
            GuidedPolicy policy = new GuidedPolicy(pipeline, null, new GuidedPolicy.Settings(2, "", RUN));
            List<Prompt> prompts = List.of(CUT.on(Prompt.of("a", "the cat"), RUN), Prompt.of("b", "the cat"));
            Conditioning encoded = Gradients.off(() -> policy.encode(prompts));
            for (Map<String, NDArray> branch : List.of(encoded.positive(), encoded.negative())) {
                assertThat(row(branch, 0)).containsExactly(800, 1200, 3, 17, 48, 80);
                assertThat(row(branch, 1)).containsExactly(64, 64, 0, 0, 64, 64);
            }
        }
    }

    @Test
    void travelsWithThePrompt() {
        Prompt own = new Prompt("a", "the cat", Map.of("seed", "1"));
        Prompt framed = CUT.on(own, RUN);
        assertThat(Framing.of(framed, RUN)).isEqualTo(CUT);
        assertThat(framed.metadata()).containsEntry("seed", "1");
        assertThat(Framing.whole(RUN).on(framed, RUN)).isEqualTo(own);
        assertThat(Framing.of(own, RUN)).isEqualTo(Framing.whole(RUN));
        for (String wrong : List.of("", "1,2,3", "0,1,0,0,1,1", "1,1,0,0,1,x")) {
            Prompt strange = new Prompt("a", "the cat", Map.of(Framing.FIELD, wrong));
            assertThatThrownBy(() -> Framing.of(strange, RUN))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("give your field another name");
        }
    }
}
