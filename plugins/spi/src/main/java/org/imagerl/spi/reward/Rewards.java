package org.imagerl.spi.reward;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.NoConfig;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;

/**
 * Rewards of images alone, as functions of a program: a plugin to add to others, whose rewards a configuration names like any.
 *
 * <pre>
 * registry.with(Rewards.of("saturation", image -&gt; saturation(image)))
 * </pre>
 */
public final class Rewards implements Plugin {
    private final List<Factory<? extends Reward, ?>> factories;

    private Rewards(List<Factory<? extends Reward, ?>> factories) {
        this.factories = List.copyOf(factories);
    }

    /**
     * A reward of which higher is better.
     *
     * @param name in configurations, kebab case
     * @param score of an image; called by several threads at a time. NaN is an image that cannot be scored
     */
    public static Rewards of(String name, ToDoubleFunction<RgbImage> score) {
        return new Rewards(List.of()).and(name, score);
    }

    /** Scores of images one after another, so that a score does not depend on the others in a single bit. */
    public static List<Score> oneByOne(
            List<RgbImage> images, List<Prompt> prompts, BiFunction<RgbImage, Prompt, Score> scorer) {
        List<Score> scores = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            scores.add(scorer.apply(images.get(i), prompts.get(i)));
        }
        return scores;
    }

    /**
     * A reward with settings, for {@link Plugin#rewards}. Higher is better, and any number is possible; a reward that knows more of its scores is a
     * {@link Reward} of its own.
     *
     * @param name in configurations, kebab case
     * @param description in one line
     * @param defaults the settings with their defaults, see {@link Factory#defaults}
     * @param scorer makes of the settings what scores an image, as in {@link #of}
     */
    public static <C extends Record> Factory<Reward, C> factory(
            String name, String description, C defaults, Function<C, ToDoubleFunction<RgbImage>> scorer) {
        return new FunctionFactory<>(name, description, defaults, scorer);
    }

    /** These and another one, see {@link #of}. */
    public Rewards and(String name, ToDoubleFunction<RgbImage> score) {
        List<Factory<? extends Reward, ?>> more = new ArrayList<>(factories);
        more.add(factory(name, "a function of the program", new NoConfig(), settings -> score));
        return new Rewards(more);
    }

    @Override
    public String name() {
        return "functions";
    }

    @Override
    public List<Factory<? extends Reward, ?>> rewards() {
        return factories;
    }

    private record FunctionFactory<C extends Record>(
            String name, String description, C defaults, Function<C, ToDoubleFunction<RgbImage>> scorer)
            implements Factory<Reward, C> {
        @Override
        public Reward create(C config, Context context) {
            return new FunctionReward(name, scorer.apply(config));
        }
    }

    private record FunctionReward(String name, ToDoubleFunction<RgbImage> score) implements Reward {
        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, true, name);
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            return images.stream()
                    .map(image -> Score.of(score.applyAsDouble(image)))
                    .toList();
        }
    }
}
