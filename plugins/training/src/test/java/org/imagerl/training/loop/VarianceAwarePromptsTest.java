package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.State;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.testkit.PromptSamplerContract;
import org.imagerl.toolkit.run.VarianceAwarePrompts;
import org.junit.jupiter.api.Test;

class VarianceAwarePromptsTest extends PromptSamplerContract {
    private static final List<Prompt> PROMPTS =
            IntStream.range(0, 6).mapToObj(i -> Prompt.of("p" + i, "")).toList();
    private static final int EPOCHS = 3000;

    @Override
    protected PromptSampler create() {
        return sampler(0.5);
    }

    private static VarianceAwarePrompts sampler(double lambda) {
        return new VarianceAwarePrompts(new VarianceAwarePrompts.Config(lambda, 1.0, 0.9));
    }

    /** How often each prompt is in an epoch of two. */
    private static double[] shares(PromptSampler sampler) {
        double[] shares = new double[PROMPTS.size()];
        for (long epoch = 0; epoch < EPOCHS; epoch++) {
            List<Prompt> two = sampler.sample(new PromptSampler.Request(PROMPTS, 2, epoch, 5));
            assertThat(two).doesNotHaveDuplicates();
            two.forEach(prompt -> shares[PROMPTS.indexOf(prompt)] += 1.0 / EPOCHS);
        }
        return shares;
    }

    private static VarianceAwarePrompts knowing(double lambda, double... v) {
        VarianceAwarePrompts sampler = sampler(lambda);
        Map<String, double[]> numbers = new TreeMap<>();
        for (int i = 0; i < v.length; i++) {
            numbers.put("p" + i, new double[] {v[i]});
        }
        sampler.restore(State.of(numbers));
        return sampler;
    }

    private static void requireUniform(PromptSampler sampler) {
        double[] even = new double[6];
        Arrays.fill(even, 1.0 / 3);
        assertThat(shares(sampler)).containsExactly(even, within(5 * Math.sqrt(0.25 / EPOCHS)));
    }

    @Test
    void withoutAShareOrADifferenceItIsUniform() {
        requireUniform(knowing(0, 0.25, 0, 0, 0, 0, 0));
        requireUniform(knowing(1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2));
        requireUniform(knowing(0.5, 0, 0, 0, 0, 0, 0));
    }

    /** One of two by value: p0 with 3/4, p1 with 1/4; then one of the other five uniformly. */
    @Test
    void aHalfIsDrawnByWhatThereIsToLearn() {
        double[] expected = {0.75 + 0.25 / 5, 0.25 + 0.75 / 5, 0.2, 0.2, 0.2, 0.2};
        assertThat(shares(knowing(0.5, 0.24, 0.08, 0, 0, 0, 0)))
                .containsExactly(expected, within(5 * Math.sqrt(0.25 / EPOCHS)));
    }

    @Test
    void whatAnEpochDoesNotHaveMovesToTheMean() {
        VarianceAwarePrompts sampler = knowing(0.5, 0.2, 0);
        List<Prompt> seen = List.of(PROMPTS.get(0), PROMPTS.get(0), PROMPTS.get(0), PROMPTS.get(0));
        sampler.scored(seen, new double[] {1, 0, 1, 0});
        assertThat(sampler.state().number("p0")).isEqualTo(0.25);
        assertThat(sampler.state().number("p1")).isCloseTo(0.01, within(1e-12));
    }
}
