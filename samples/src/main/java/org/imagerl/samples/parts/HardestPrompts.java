package org.imagerl.samples.parts;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.State;
import org.imagerl.spi.run.PromptSampler;

/** The prompts whose images have scored lowest so far; those that have not been sampled yet come first. */
final class HardestPrompts implements PromptSampler {
    /** Half of what was, half of what is new. By prompt. */
    private final Map<String, Double> means = new TreeMap<>();

    @Override
    public List<Prompt> sample(Request request) {
        List<Prompt> sorted = new ArrayList<>(request.prompts());
        sorted.sort(Comparator.comparingDouble(prompt -> means.getOrDefault(prompt.id(), Double.NEGATIVE_INFINITY)));
        List<Prompt> chosen = new ArrayList<>();
        for (int i = 0; i < request.count(); i++) {
            chosen.add(sorted.get(i % sorted.size()));
        }
        return chosen;
    }

    @Override
    public void scored(List<Prompt> prompts, double[] rewards) {
        for (int i = 0; i < rewards.length; i++) {
            if (!Double.isNaN(rewards[i])) {
                means.merge(prompts.get(i).id(), rewards[i], (before, now) -> (before + now) / 2);
            }
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
