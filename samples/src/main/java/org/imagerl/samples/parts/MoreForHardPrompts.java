package org.imagerl.samples.parts;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.State;
import org.imagerl.spi.run.RolloutBudget;

/** Takes an image from each prompt of the better half, by the last mean reward, and gives it to one of the worse half. */
final class MoreForHardPrompts implements RolloutBudget {
    private final Map<String, Double> means = new TreeMap<>();

    @Override
    public int[] samples(List<Prompt> prompts, int mean, long epoch) {
        int[] samples = new int[prompts.size()];
        Arrays.fill(samples, mean);
        int[] hardest = IntStream.range(0, samples.length)
                .boxed()
                .sorted(Comparator.comparingDouble(
                        i -> means.getOrDefault(prompts.get(i).id(), 0.0)))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int i = 0; i < samples.length / 2 && mean > 1; i++) {
            samples[hardest[i]]++;
            samples[hardest[samples.length - 1 - i]]--;
        }
        return samples;
    }

    @Override
    public void scored(List<Prompt> prompts, double[] rewards) {
        for (Prompt prompt : prompts) {
            IntStream.range(0, rewards.length)
                    .filter(i -> prompts.get(i).id().equals(prompt.id()) && !Double.isNaN(rewards[i]))
                    .mapToDouble(i -> rewards[i])
                    .average()
                    .ifPresent(own -> means.put(prompt.id(), own));
        }
    }

    @Override
    public State state() {
        Map<String, double[]> numbers = new TreeMap<>();
        means.forEach((id, mean) -> numbers.put(id, new double[] {mean}));
        return State.of(numbers);
    }

    @Override
    public void restore(State state) {
        means.clear();
        state.numbers().forEach((id, mean) -> means.put(id, mean[0]));
    }
}
