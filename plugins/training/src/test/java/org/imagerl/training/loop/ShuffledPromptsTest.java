package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.testkit.PromptSamplerContract;
import org.imagerl.toolkit.run.ShuffledPrompts;
import org.junit.jupiter.api.Test;

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
}
