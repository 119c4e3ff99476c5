package org.imagerl.toolkit.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.State;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.random.WeightedDraw;

/**
 * Replays prompts of a large regret (after Jackson et al., Discovering General Reinforcement Learning Algorithms with
 * Adversarial Environment Design, GROOVE, 2023, arXiv 2310.02782). With the regret of a prompt
 *
 * <pre>
 * regret = best reward of an image so far - mean reward of the last epoch that had it
 * </pre>
 *
 * each place of an epoch is filled, with the probability {@code replay}, by a prompt that was seen before, drawn by
 * {@code softmax(regret / temperature)}; the others come in shuffled passes. So a prompt is repeated that the policy
 * once served better.
 *
 * <p>Where it departs. In the paper regret is the return of an antagonist minus that of the agent, and it trains a
 * learned optimiser; of that half there is no form for images. All prompts are remembered, so that none has to be
 * replaced. No prompt is drawn twice in an epoch. Probability and temperature are <i>unconfirmed</i>.
 */
public final class RegretReplayPrompts implements PromptSampler {

    /**
     * How prompts are replayed.
     *
     * @param replay probability that a place is filled by a prompt that was seen, 0 to 1
     * @param temperature in units of the reward, above 0
     */
    public record Config(double replay, double temperature) {
        /** Checks the ranges. */
        public Config {
            if (!(replay >= 0 && replay <= 1)) {
                throw new IllegalArgumentException("replay must be 0 to 1");
            }
            if (!(temperature > 0)) {
                throw new IllegalArgumentException("temperature must be above 0");
            }
        }
    }

    private final Config config;
    private final ShuffledPrompts shuffled = new ShuffledPrompts();

    /** Best reward and last mean by the id of the prompt. */
    private final Map<String, double[]> known = new TreeMap<>();

    public RegretReplayPrompts(Config config) {
        this.config = config;
    }

    @Override
    public List<Prompt> sample(Request request) {
        List<Prompt> sampled = new ArrayList<>(shuffled.sample(request));
        RandomStreams random = new RandomStreams(request.seed());
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < sampled.size(); i++) {
            if (random.stream("replay", request.epoch(), i).nextDouble() < config.replay) {
                places.add(i);
            }
        }
        Set<String> fresh = new HashSet<>();
        for (int i = 0; i < sampled.size(); i++) {
            if (!places.contains(i)) {
                fresh.add(sampled.get(i).id());
            }
        }
        List<Prompt> seen = request.prompts().stream()
                .filter(prompt -> known.containsKey(prompt.id()) && !fresh.contains(prompt.id()))
                .toList();
        int[] replayed = WeightedDraw.of(
                weights(seen), places.size(), k -> random.stream("replayed prompts", request.epoch(), k));
        if (replayed.length == places.size()) { // early there are too few: then none is replayed
            for (int k = 0; k < replayed.length; k++) {
                sampled.set(places.get(k), seen.get(replayed[k]));
            }
        }
        return List.copyOf(sampled);
    }

    private double regret(Prompt prompt) {
        double[] both = known.getOrDefault(prompt.id(), new double[2]);
        return both[0] - both[1];
    }

    private double[] weights(List<Prompt> seen) {
        double[] regrets = seen.stream().mapToDouble(this::regret).toArray();
        double largest = Arrays.stream(regrets).max().orElse(0);
        return Arrays.stream(regrets)
                .map(regret -> Math.max(Double.MIN_NORMAL, Math.exp((regret - largest) / config.temperature)))
                .toArray();
    }

    @Override
    public void scored(List<Prompt> prompts, double[] rewards) {
        PromptRewards.of(prompts, rewards).forEach((id, own) -> {
            double best = Arrays.stream(own).max().orElseThrow();
            double[] before = known.get(id);
            double ever = before == null ? best : Math.max(best, before[0]);
            known.put(id, new double[] {ever, PromptRewards.mean(own)});
        });
    }

    @Override
    public State state() {
        return State.of(known);
    }

    @Override
    public void restore(State state) {
        known.clear();
        known.putAll(state.numbers());
    }
}
