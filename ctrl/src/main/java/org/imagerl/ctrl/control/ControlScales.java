package org.imagerl.ctrl.control;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;

/** The values of the control scale gamma on which a model is conditioned in its training. */
sealed interface ControlScales {

    /** The model is not conditioned on a gamma. */
    record None() implements ControlScales {}

    /**
     * A list of gammas; every prompt is trained with each.
     *
     * @param trained ascending
     */
    record Listed(List<Double> trained) implements ControlScales {
        /** Checks that there are several, all above 0. */
        public Listed {
            trained = trained.stream().sorted().distinct().toList();
            if (trained.size() < 2) {
                throw new IllegalArgumentException(
                        "gammas must be several, or none: a single one is the objective's gamma");
            }
            if (trained.stream().anyMatch(gamma -> !(gamma > 0 && Double.isFinite(gamma)))) {
                throw new IllegalArgumentException("gammas must be above 0");
            }
        }
    }

    /**
     * All gammas between two bounds; ln gamma is drawn uniformly for a prompt in an epoch.
     *
     * @param low the least, above 0
     * @param high the greatest
     */
    record Range(double low, double high) implements ControlScales {
        /** Checks that the bounds are above 0, the lower first. */
        public Range {
            if (!(low > 0 && high > low && Double.isFinite(high))) {
                throw new IllegalArgumentException(
                        "gamma_range must be two numbers above 0, the lower first: [0.5, 4]");
            }
        }

        private double draw(long seed) {
            double u = new SplittableRandom(seed).nextDouble();
            return Math.max(low, Math.min(high, low * Math.pow(high / low, u)));
        }

        @Override
        public String toString() {
            return low + " to " + high;
        }
    }

    /**
     * Reads the gammas of a configuration or of an adapter's metadata.
     *
     * @param gammas to choose from; empty is none
     * @param range two numbers; empty is none
     * @throws IllegalArgumentException if they are none, or both are given
     */
    static ControlScales of(List<Double> gammas, List<Double> range) {
        if (range.isEmpty()) {
            return gammas.isEmpty() ? new None() : new Listed(gammas);
        }
        if (!gammas.isEmpty()) {
            throw new IllegalArgumentException("gamma_range and gammas exclude each other");
        }
        if (range.size() != 2) {
            throw new IllegalArgumentException("gamma_range must be two numbers, not " + range.size());
        }
        return new Range(range.get(0), range.get(1));
    }

    /** Whether the model is conditioned on a gamma. */
    default boolean conditioned() {
        return !(this instanceof None);
    }

    /** The listed gammas; empty if there are none. */
    default List<Double> listed() {
        return this instanceof Listed some ? some.trained() : List.of();
    }

    /** Lower and upper bound; empty if there are none. */
    default List<Double> range() {
        return this instanceof Range range ? List.of(range.low(), range.high()) : List.of();
    }

    /** The numbers with commas between them. */
    static String text(List<Double> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** The least and the greatest trained gamma; all numbers if the model is not conditioned on a gamma. */
    private Range span() {
        if (this instanceof Range range) {
            return range;
        }
        return this instanceof Listed some
                ? new Range(
                        some.trained().get(0), some.trained().get(some.trained().size() - 1))
                : new Range(Double.MIN_VALUE, Double.MAX_VALUE);
    }

    /** The gamma of a prompt that names none: 1, or the trained gamma that is nearest to 1. */
    default double usual() {
        return Math.max(span().low(), Math.min(span().high(), 1));
    }

    /**
     * The number on which the model is conditioned: ln gamma.
     *
     * @throws UserException if the prompt says a gamma that the model does not know, or there are none to choose from
     */
    default double logScale(Prompt prompt) {
        OptionalDouble wish = ControlScale.of(prompt);
        if (!conditioned() && wish.isPresent()) {
            throw UserException.input(
                    "prompt " + prompt.id() + ": has the field " + Control.STRENGTH + ", but the model is not"
                            + " conditioned on a gamma: it was trained with a single one; remove the field, or train with"
                            + " `augmentation: {gamma_range: [0.5, 4]}`");
        }
        double gamma = wish.orElse(usual());
        require(gamma, "prompt " + prompt.id() + ": " + Control.STRENGTH);
        return conditioned() ? Math.log(gamma) : 0;
    }

    /**
     * Makes sure that a gamma is within those that the model was trained with.
     *
     * @param where for the message
     * @throws UserException if it is less than the least or more than the greatest that is trained
     */
    default void require(double gamma, String where) {
        if (!(gamma >= span().low() && gamma <= span().high())) {
            throw UserException.input(
                    where + " must be within the range that is trained, " + span() + ", not " + gamma);
        }
    }

    /** A training prompt with a drawn gamma, if it names none and there is a range. */
    default Prompt drawn(Prompt prompt, long seed) {
        return this instanceof Range range && ControlScale.of(prompt).isEmpty()
                ? ClassPrompts.with(prompt, "", Map.of(Control.STRENGTH, Double.toString(range.draw(seed))))
                : prompt;
    }
}
