package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.testkit.PromptSamplerContract;
import org.imagerl.toolkit.run.CurriculumPrompts;
import org.imagerl.toolkit.run.ShuffledPrompts;
import org.junit.jupiter.api.Test;

class CurriculumPromptsTest extends PromptSamplerContract {
    private static final List<Prompt> PROMPTS = IntStream.range(0, 6)
            .mapToObj(i -> new Prompt("p" + i, "", Map.of("difficulty", String.valueOf(i))))
            .toList();

    @Override
    protected PromptSampler create() {
        return curriculum(2, null);
    }

    private static CurriculumPrompts curriculum(int epochs, Double reward, Double... borders) {
        return new CurriculumPrompts(
                new CurriculumPrompts.Config("difficulty", Arrays.asList(borders), epochs, reward));
    }

    private static List<Prompt> sample(PromptSampler sampler, long epoch) {
        return sampler.sample(new PromptSampler.Request(PROMPTS, 2, epoch, 5));
    }

    @Test
    void oneStageIsAShuffledPass() {
        for (long epoch = 0; epoch < 5; epoch++) {
            assertThat(sample(create(), epoch)).isEqualTo(sample(new ShuffledPrompts(), epoch));
        }
    }

    /** Two epochs up to difficulty 1, one up to 3 that is good enough, then all. */
    @Test
    void stagesFollowEachOther() {
        CurriculumPrompts sampler = curriculum(2, 0.7, 1.0, 3.0);
        sampler.check(PROMPTS, 2);
        double[] rewards = {0.5, 0.6, 0.8, 0.1, 0.1, 0.1};
        Set<Prompt> last = new HashSet<>();
        for (int epoch = 0; epoch < 6; epoch++) {
            List<Prompt> two = sample(sampler, epoch);
            int most = epoch < 2 ? 1 : epoch < 3 ? 3 : 5;
            assertThat(two).as("epoch %d", epoch).isSubsetOf(PROMPTS.subList(0, most + 1));
            last.addAll(epoch < 3 ? List.of() : two);
            CurriculumPrompts resumed = curriculum(2, 0.7, 1.0, 3.0);
            resumed.restore(sampler.state());
            assertThat(sample(resumed, epoch)).isEqualTo(two);
            sampler.scored(two, new double[] {rewards[epoch], Double.NaN});
        }
        assertThat(last).containsExactlyInAnyOrderElementsOf(PROMPTS);
    }

    @Test
    void whatHasNoDifficultyOrTooFewPromptsIsRefused() {
        assertThatThrownBy(() -> curriculum(2, null, 1.0).check(List.of(Prompt.of("x", "y")), 1))
                .hasMessageContaining("prompt x: difficulty is \"\"");
        assertThatThrownBy(() -> curriculum(2, null, 1.0).check(PROMPTS, 3))
                .hasMessageContaining("has 2 prompts with a difficulty of at most 1.0, fewer than the 3");
        assertThatThrownBy(() -> curriculum(2, null, 2.0, 1.0)).hasMessageContaining("borders must ascend");
    }
}
