package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.run.PromptSampler;
import org.junit.jupiter.api.Test;

/** What every prompt sampler must do; extend it with a test of your own. */
public abstract class PromptSamplerContract {
    private static final List<Prompt> PROMPTS = IntStream.range(0, 5)
            .mapToObj(i -> Prompt.of("prompt " + i, "text " + i))
            .toList();

    /** A fresh one. */
    protected abstract PromptSampler create();

    private static List<Prompt> epoch(PromptSampler sampler, long epoch, int count) {
        List<Prompt> sampled = sampler.sample(new PromptSampler.Request(PROMPTS, count, epoch, 7));
        double[] rewards = IntStream.range(0, sampled.size())
                .mapToDouble(i -> i == 0 ? Double.NaN : Math.sin(9.0 * epoch + i))
                .toArray();
        sampler.scored(sampled, rewards);
        return sampled;
    }

    /** As many as asked for, of those that there are, even if there are fewer. */
    @Test
    public void samplesAsManyAsAskedFor() {
        for (int count : new int[] {1, 3, 5, 7}) {
            assertThat(epoch(create(), 0, count)).hasSize(count).isSubsetOf(PROMPTS);
        }
    }

    /** The same rewards and the same seed give the same prompts. */
    @Test
    public void isDeterministic() {
        PromptSampler one = create();
        PromptSampler other = create();
        for (long epoch = 0; epoch < 6; epoch++) {
            assertThat(epoch(one, epoch, 2)).isEqualTo(epoch(other, epoch, 2));
        }
    }

    /** A restored one goes on as the old one does. */
    @Test
    public void goesOnAfterAResume() {
        PromptSampler old = create();
        for (long epoch = 0; epoch < 3; epoch++) {
            epoch(old, epoch, 3);
        }
        PromptSampler restored = create();
        restored.restore(old.state());
        List<List<Prompt>> expected = new ArrayList<>();
        List<List<Prompt>> actual = new ArrayList<>();
        for (long epoch = 3; epoch < 8; epoch++) {
            expected.add(epoch(old, epoch, 3));
            actual.add(epoch(restored, epoch, 3));
        }
        assertThat(actual).isEqualTo(expected);
    }
}
