package org.imagerl.diffusion.ddpo;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.State;
import org.imagerl.toolkit.recipe.Statistics;

/**
 * DDPO's per-prompt tracker (section 4.1 and ddpo-pytorch's {@code stat_tracking.py}): the last {@code buffer} rewards of each prompt
 * are kept across epochs; an epoch's rewards are pushed first, then
 *
 * <pre>
 * A = (r - mean) / (std + 1e-6)      over the prompt's buffer, or over the epoch while the buffer holds fewer than minCount
 * </pre>
 *
 * with the population standard deviation.
 */
public final class PerPromptAdvantage implements Advantage {
    private static final double EPSILON = 1e-6;

    /**
     * @param buffer rewards kept per prompt
     * @param minCount fewer rewards than this are normalised over the epoch instead
     */
    public record Config(int buffer, int minCount) {
        /** Checks the ranges. */
        public Config {
            if (buffer < 1 || minCount < 1) {
                throw new IllegalArgumentException("buffer and min_count must be at least 1");
            }
            if (minCount > buffer) {
                throw new IllegalArgumentException(
                        "min_count above buffer: no prompt would ever have its own statistics");
            }
        }
    }

    private final Config config;
    private final Map<String, Deque<Double>> buffers = new TreeMap<>();

    public PerPromptAdvantage(Config config) {
        this.config = config;
    }

    @Override
    public int minimumGroup() {
        return 1;
    }

    @Override
    public double[] advantages(List<String> groups, double[] rewards) {
        Statistics epoch = Statistics.of(rewards);
        double[] advantages = new double[rewards.length];
        members(groups).forEach((group, members) -> {
            Deque<Double> buffer = buffers.computeIfAbsent(group, key -> new ArrayDeque<>());
            members.stream().filter(i -> !Double.isNaN(rewards[i])).forEach(i -> push(buffer, rewards[i]));
            Statistics own = Statistics.of(values(buffer));
            Statistics used = own.count() < config.minCount ? epoch : own;
            members.forEach(i -> advantages[i] = (rewards[i] - used.mean()) / (used.std() + EPSILON));
        });
        return advantages;
    }

    private void push(Deque<Double> buffer, double reward) {
        if (buffer.size() == config.buffer) {
            buffer.removeFirst();
        }
        buffer.addLast(reward);
    }

    private static Map<String, List<Integer>> members(List<String> groups) {
        Map<String, List<Integer>> members = new LinkedHashMap<>();
        for (int i = 0; i < groups.size(); i++) {
            members.computeIfAbsent(groups.get(i), key -> new ArrayList<>()).add(i);
        }
        return members;
    }

    private static double[] values(Deque<Double> buffer) {
        return buffer.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    public State state() {
        Map<String, double[]> state = new TreeMap<>();
        buffers.forEach((group, buffer) -> state.put(group, values(buffer)));
        return State.of(state);
    }

    @Override
    public void restore(State state) {
        buffers.clear();
        state.numbers().forEach((group, values) -> {
            Deque<Double> buffer = new ArrayDeque<>();
            for (double value : values) {
                push(buffer, value);
            }
            buffers.put(group, buffer);
        });
    }
}
