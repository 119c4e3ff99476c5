package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.State;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.testkit.PromptSamplerContract;
import org.imagerl.toolkit.run.RegretReplayPrompts;
import org.imagerl.toolkit.run.ShuffledPrompts;
import org.junit.jupiter.api.Test;

class RegretReplayPromptsTest extends PromptSamplerContract {
    private static final List<Prompt> PROMPTS =
            IntStream.range(0, 4).mapToObj(i -> Prompt.of("p" + i, "")).toList();
    private static final int EPOCHS = 3000;

    @Override
    protected PromptSampler create() {
        return sampler(0.5, 0.1);
    }

    private static RegretReplayPrompts sampler(double replay, double temperature) {
        return new RegretReplayPrompts(new RegretReplayPrompts.Config(replay, temperature));
    }

    /** Regrets of 0.2, 0, 0 and 0; how often each prompt is replayed when one is. */
    private static double[] shares(RegretReplayPrompts sampler, double regret) {
        sampler.restore(State.of(Map.of(
                "p0", new double[] {regret, 0},
                "p1", new double[] {0.3, 0.3},
                "p2", new double[] {1, 1},
                "p3", new double[] {0, 0})));
        double[] shares = new double[4];
        for (long epoch = 0; epoch < EPOCHS; epoch++) {
            Prompt one = sampler.sample(new PromptSampler.Request(PROMPTS, 1, epoch, 9))
                    .get(0);
            shares[PROMPTS.indexOf(one)] += 1.0 / EPOCHS;
        }
        return shares;
    }

    @Test
    void withoutReplayItIsAShuffledPass() {
        RegretReplayPrompts sampler = sampler(0, 0.1);
        sampler.scored(PROMPTS, new double[] {1, 2, 3, 4});
        for (long epoch = 0; epoch < 6; epoch++) {
            PromptSampler.Request request = new PromptSampler.Request(PROMPTS, 2, epoch, 3);
            assertThat(sampler.sample(request)).isEqualTo(new ShuffledPrompts().sample(request));
        }
    }

    @Test
    void promptsAreReplayedByTheSoftmaxOfTheirRegret() {
        double deviation = 5 * Math.sqrt(0.25 / EPOCHS);
        double[] even = {0.25, 0.25, 0.25, 0.25};
        double e = Math.E * Math.E;
        assertThat(shares(sampler(1, 0.1), 0.2))
                .containsExactly(new double[] {e / (e + 3), 1 / (e + 3), 1 / (e + 3), 1 / (e + 3)}, within(deviation));
        assertThat(shares(sampler(1, 1e9), 0.2)).containsExactly(even, within(deviation));
        assertThat(shares(sampler(1, 0.1), 0)).containsExactly(even, within(deviation));
    }

    @Test
    void theBestRewardEverIsRemembered() {
        RegretReplayPrompts sampler = sampler(0.5, 0.1);
        List<Prompt> twice = List.of(PROMPTS.get(1), PROMPTS.get(1));
        sampler.scored(twice, new double[] {0.9, 0.1});
        sampler.scored(twice, new double[] {0.3, Double.NaN});
        assertThat(sampler.state().numbers().get("p1")).containsExactly(0.9, 0.3);
    }
}
