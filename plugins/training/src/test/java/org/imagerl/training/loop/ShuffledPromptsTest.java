package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.testkit.PromptSamplerContract;
import org.imagerl.toolkit.run.ShuffledPrompts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShuffledPromptsTest extends PromptSamplerContract {

    @Override
    protected PromptSampler create() {
        return new ShuffledPrompts();
    }

    /** Three epochs of 2 of 6 prompts are one pass. */
    @Test
    void everyPassHasEveryPromptOnce() {
        List<Prompt> prompts =
                IntStream.range(0, 6).mapToObj(i -> Prompt.of("p" + i, "")).toList();
        Set<Prompt> seen = new HashSet<>();
        for (long epoch = 0; epoch < 3; epoch++) {
            seen.addAll(create().sample(new PromptSampler.Request(prompts, 2, epoch, 11)));
        }
        assertThat(seen).hasSize(6);
    }

    /** Epochs of 3 to 7 of 7 prompts, of which most begin in one pass and end in the next. */
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7})
    void noEpochHasAPromptTwiceAndEveryPassHasEachOnce(int count) {
        List<Prompt> prompts =
                IntStream.range(0, 7).mapToObj(i -> Prompt.of("p" + i, "")).toList();
        List<Prompt> all = new ArrayList<>();
        for (long epoch = 0; epoch < 28; epoch++) {
            List<Prompt> epochs = create().sample(new PromptSampler.Request(prompts, count, epoch, 11));
            assertThat(epochs).hasSize(count).doesNotHaveDuplicates();
            all.addAll(epochs);
        }
        for (int pass = 0; pass < all.size() / 7; pass++) {
            assertThat(all.subList(7 * pass, 7 * pass + 7)).doesNotHaveDuplicates();
        }
    }
}
