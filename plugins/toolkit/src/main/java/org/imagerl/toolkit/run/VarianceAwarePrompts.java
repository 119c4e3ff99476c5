package org.imagerl.toolkit.run;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.State;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.random.WeightedDraw;
import org.jspecify.annotations.Nullable;

/**
 * Variance-aware sampling (Leng et al., MMR1: Enhancing Multimodal Reasoning with Variance-Aware Sampling and Open
 * Resources, 2025, arXiv 2509.21268, section 3, algorithm 1). A part of an epoch's prompts is drawn in proportion to
 * how much there is to learn from them, the others uniformly:
 *
 * <pre>
 * v_g = P (1 - P),   P the share of the prompt's images with a reward of at least success
 * v_g = variance of the prompt's rewards                     without success, for graded rewards
 * floor(lambda B) prompts in proportion to v_g, the others uniformly
 * </pre>
 *
 * <p>Where it departs. The paper rolls all prompts out again every few updates; here v_g is that of the last epoch that
 * had the prompt, and of a prompt that an epoch does not have it moves to the mean of all by {@code 1 - decay}, so that
 * no prompt is given up for good. Prompts that were never seen have that mean. No prompt is drawn twice in an epoch,
 * because its groups would be one. The diversity of answers (TDS), which the released example leaves out too, is no
 * part of v_g.
 */
public final class VarianceAwarePrompts implements PromptSampler {

    /**
     * How prompts are drawn.
     *
     * @param lambda share of an epoch that is drawn by v_g, 0 to 1
     * @param success least reward of an image that is right; null for graded rewards
     * @param decay what is left of v_g in an epoch without the prompt, 0 to 1
     */
    public record Config(double lambda, @Nullable Double success, double decay) {
        /** Checks the ranges. */
        public Config {
            if (!(lambda >= 0 && lambda <= 1) || !(decay >= 0 && decay <= 1)) {
                throw new IllegalArgumentException("lambda and decay must be 0 to 1");
            }
        }
    }

    private final Config config;

    /** v_g by the id of the prompt. */
    private final Map<String, Double> values = new TreeMap<>();

    public VarianceAwarePrompts(Config config) {
        this.config = config;
    }

    @Override
    public List<Prompt> sample(Request request) {
        List<Prompt> prompts = request.prompts();
        RandomStreams random = new RandomStreams(request.seed());
        double unseen = mean();
        double[] v = prompts.stream()
                .mapToDouble(prompt -> values.getOrDefault(prompt.id(), unseen))
                .toArray();
        int byValue = Math.min((int) (config.lambda * request.count()), prompts.size());
        Set<Integer> chosen = new LinkedHashSet<>();
        for (int i : WeightedDraw.of(v, byValue, k -> random.stream("prompts by variance", request.epoch(), k))) {
            chosen.add(i);
        }
        List<Integer> order = new ArrayList<>(chosen);
        for (int pass = 0; order.size() < request.count(); pass++) {
            for (int i : random.permutation(prompts.size(), "prompts", request.epoch(), pass)) {
                if (order.size() < request.count() && (pass > 0 || chosen.add(i))) {
                    order.add(i);
                }
            }
        }
        return order.stream().map(prompts::get).toList();
    }

    /** Of prompts of which nothing is known; while that are all, any number would do. */
    private double mean() {
        return values.values().stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(1);
    }

    @Override
    public void scored(List<Prompt> prompts, double[] rewards) {
        Map<String, double[]> seen = PromptRewards.of(prompts, rewards);
        double mean = mean();
        values.replaceAll((id, v) -> seen.containsKey(id) ? v : config.decay * v + (1 - config.decay) * mean);
        seen.forEach((id, own) -> values.put(id, PromptRewards.learnability(config.success, own)));
    }

    @Override
    public State state() {
        Map<String, double[]> numbers = new TreeMap<>();
        values.forEach((id, v) -> numbers.put(id, new double[] {v}));
        return State.of(numbers);
    }

    @Override
    public void restore(State state) {
        values.clear();
        state.numbers().keySet().forEach(id -> values.put(id, state.number(id)));
    }
}
