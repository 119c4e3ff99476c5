package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.Test;

class NegativePromptsTest {
    @Test
    void guidanceLeadsEachPromptAwayFromItsOwnNegativePrompt() {
        try (TinyPolicy tiny = TinyPolicy.fresh(TinyPolicy.ATTENTION, 3)) {
            List<Prompt> prompts = List.of(
                    new Prompt("1", "the cat", Map.of(Prompt.NEGATIVE, "a photo")),
                    Prompt.of("2", "the cat"),
                    new Prompt("3", "the dog", Map.of(Prompt.NEGATIVE, "the photo")));
            Gradients.off(() -> {
                Conditioning made = tiny.policy.encode(prompts);
                NDArray negatives = made.negative().values().iterator().next();
                NDArray own = negative(tiny, "a photo");
                NDArray common = negative(tiny, "the photo"); // the one of the policy
                assertThat(negatives.get(0).toFloatArray()).containsExactly(own.toFloatArray());
                assertThat(negatives.get(1).toFloatArray())
                        .containsExactly(common.toFloatArray())
                        .isNotEqualTo(own.toFloatArray());
                assertThat(negatives.get(2).toFloatArray()).containsExactly(common.toFloatArray());
                return made;
            });
        }
    }

    private static NDArray negative(TinyPolicy tiny, String text) {
        GuidedPolicy.Settings settings = new GuidedPolicy.Settings(3, text, tiny.pipeline.defaultSize());
        return new GuidedPolicy(tiny.pipeline, null, settings)
                .encode(List.of(Prompt.of("", "the cat")))
                .negative()
                .values()
                .iterator()
                .next()
                .get(0);
    }
}
