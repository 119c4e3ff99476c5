package org.imagerl.spi.metric;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Named numbers for the log. How the numbers of several micro-batches become one is a property of each name, given where it is measured: a weighted
 * mean, a sum, a maximum, or the last number. Not thread-safe: work that runs beside other work has metrics of its own, which are added afterwards in a fixed order.
 */
public final class Metrics {

    /** How several numbers of one name become one. */
    public enum Aggregation {
        /** Mean by weight. */
        MEAN,
        SUM,
        MAX,
        /** The one that was added last. */
        LAST
    }

    /**
     * The aggregated value of a name.
     *
     * @param number the sum of weighted numbers for a mean, for others the number
     * @param weight the sum of the weights for a mean, for others 1
     */
    public record Value(Aggregation aggregation, double number, double weight) {

        double result() {
            return number / weight;
        }

        /** This value, then another one times a weight. */
        Value then(String name, Value next, double by) {
            if (aggregation != next.aggregation) {
                throw new IllegalArgumentException(
                        "the metric " + name + " is added as " + aggregation + " and as " + next.aggregation);
            }
            return switch (aggregation) {
                case MEAN -> new Value(aggregation, number + by * next.number, weight + by * next.weight);
                case SUM -> new Value(aggregation, number + next.number, 1);
                case MAX -> new Value(aggregation, Math.max(number, next.number), 1);
                case LAST -> next;
            };
        }

        Value times(double by) {
            return aggregation == Aggregation.MEAN ? new Value(aggregation, by * number, by * weight) : this;
        }
    }

    private final SortedMap<String, Value> values = new TreeMap<>();

    /** Means, each of one number. */
    public static Metrics means(Map<String, Double> values) {
        Metrics metrics = new Metrics();
        values.forEach(metrics::mean);
        return metrics;
    }

    /** The same as {@link #kept} gave. */
    public static Metrics of(Map<String, Value> kept) {
        Metrics metrics = new Metrics();
        metrics.values.putAll(kept);
        return metrics;
    }

    /** All that is kept, by name, so that another process can go on adding. */
    public SortedMap<String, Value> kept() {
        return new TreeMap<>(values);
    }

    /** Adds a number to a mean, with weight 1. */
    public Metrics mean(String name, double value) {
        return put(name, new Value(Aggregation.MEAN, value, 1), 1);
    }

    /** Adds a number to a sum. */
    public Metrics sum(String name, double value) {
        return put(name, new Value(Aggregation.SUM, value, 1), 1);
    }

    /** Keeps the larger of this number and those before. */
    public Metrics max(String name, double value) {
        return put(name, new Value(Aggregation.MAX, value, 1), 1);
    }

    /** Takes the place of the number before. */
    public Metrics last(String name, double value) {
        return put(name, new Value(Aggregation.LAST, value, 1), 1);
    }

    /**
     * Adds others, each by its own aggregation.
     *
     * @param weight by which their means count
     */
    public Metrics add(Metrics others, double weight) {
        others.values.forEach((name, value) -> put(name, value, weight));
        return this;
    }

    /** The same under names with something before them. */
    public Metrics prefixed(String prefix) {
        Metrics renamed = new Metrics();
        values.forEach((name, value) -> renamed.values.put(prefix + name, value));
        return renamed;
    }

    private Metrics put(String name, Value value, double weight) {
        Value before = values.get(name);
        values.put(name, before == null ? value.times(weight) : before.then(name, value, weight));
        return this;
    }

    /** Whether nothing was measured. */
    public boolean isEmpty() {
        return values.isEmpty();
    }

    /**
     * The number of a name.
     *
     * @param absent where nothing of this name was measured
     */
    public double get(String name, double absent) {
        Value value = values.get(name);
        return value == null ? absent : value.result();
    }

    /** The aggregated value of each name, sorted by name. */
    public SortedMap<String, Double> values() {
        SortedMap<String, Double> results = new TreeMap<>();
        values.forEach((name, value) -> results.put(name, value.result()));
        return results;
    }

    @Override
    public String toString() {
        return values().toString();
    }
}
