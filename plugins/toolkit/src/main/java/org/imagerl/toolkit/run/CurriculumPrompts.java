package org.imagerl.toolkit.run;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.State;
import org.imagerl.spi.UserException;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/**
 * A curriculum in stages (after Nong et al., CRAFT-GUI: Curriculum-Reinforced Agent For GUI Tasks, 2025, arXiv
 * 2508.11360): prompts have a difficulty, stage s takes those up to its border, the last one takes all. Within a stage
 * prompts come in shuffled passes. A stage ends after some epochs, or as soon as an epoch's mean reward is high enough.
 *
 * <p>The paper sorts tasks by the length of their trajectories; here a field of the prompt says how difficult it is.
 * Its borders and its reward, part rule and part judged by a model, are <i>unconfirmed</i> and not taken over.
 */
public final class CurriculumPrompts implements PromptSampler {

    /**
     * The stages.
     *
     * @param field of prompts that says how difficult they are, a number
     * @param borders largest difficulty of each stage but the last, ascending; none is one stage
     * @param epochs that a stage has at most, at least 1
     * @param reward mean reward of an epoch above which the next stage begins; null is never
     */
    public record Config(
            String field,
            List<Double> borders,
            int epochs,
            @Nullable Double reward) {
        /** Checks the ranges. */
        public Config {
            borders = List.copyOf(borders);
            if (epochs < 1) {
                throw new IllegalArgumentException("epochs must be at least 1");
            }
            for (int i = 1; i < borders.size(); i++) {
                if (!(borders.get(i - 1) < borders.get(i))) {
                    throw new IllegalArgumentException("borders must ascend");
                }
            }
        }
    }

    private final Config config;
    private final ShuffledPrompts shuffled = new ShuffledPrompts();
    private int stage;
    private long began;
    private long scored;

    public CurriculumPrompts(Config config) {
        this.config = config;
    }

    @Override
    public void check(List<Prompt> prompts, int count) {
        prompts.forEach(this::difficulty);
        int first = allowed(prompts, 0).size();
        if (first < count) {
            throw UserException.input("rollout.prompt_sampler: the first stage of the curriculum has " + first
                    + " prompts with a difficulty of at most " + config.borders.get(0) + ", fewer than the " + count
                    + " of an epoch (rollout.prompts_per_epoch); raise the first border, or take fewer");
        }
    }

    @Override
    public List<Prompt> sample(Request request) {
        List<Prompt> allowed = allowed(request.prompts(), stage);
        return shuffled.sample(new Request(allowed, request.count(), request.epoch() - began, request.seed()));
    }

    private List<Prompt> allowed(List<Prompt> prompts, int at) {
        return config.borders.size() <= at
                ? prompts
                : prompts.stream()
                        .filter(prompt -> difficulty(prompt) <= config.borders.get(at))
                        .toList();
    }

    private double difficulty(Prompt prompt) {
        if (config.borders.isEmpty()) {
            return 0;
        }
        String given = prompt.metadata().getOrDefault(config.field, "");
        try {
            return Double.parseDouble(given);
        } catch (NumberFormatException e) {
            throw UserException.input(
                    "prompt " + prompt.id() + ": " + config.field + " is " + Quote.of(given)
                            + ", but the curriculum (rollout.prompt_sampler) needs a number there",
                    e);
        }
    }

    @Override
    public void scored(List<Prompt> prompts, double[] rewards) {
        scored++;
        double mean = PromptRewards.mean(
                Arrays.stream(rewards).filter(r -> !Double.isNaN(r)).toArray());
        boolean reached = config.reward != null && mean > config.reward;
        if (stage < config.borders.size() && (reached || scored - began >= config.epochs)) {
            stage++;
            began = scored;
        }
    }

    @Override
    public State state() {
        return State.of(
                Map.of("stage", new double[] {stage}, "began", new double[] {began}, "scored", new double[] {scored}));
    }

    @Override
    public void restore(State state) {
        if (!state.numbers().isEmpty()) {
            stage = (int) state.number("stage");
            began = (long) state.number("began");
            scored = (long) state.number("scored");
        }
    }
}
