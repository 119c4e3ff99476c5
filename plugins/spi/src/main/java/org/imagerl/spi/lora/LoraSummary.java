package org.imagerl.spi.lora;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is known of an adapter without its base model.
 *
 * @param layers component, or what is known of it, to the number of its layers
 * @param ranks as {@link #range} writes them
 * @param alphas likewise, or why they are not known
 * @param tools which tools load it and which do not, a line each: {@code loaded by: ...}
 */
public record LoraSummary(SortedMap<String, Integer> layers, String ranks, String alphas, List<String> tools) {

    /** Copies. */
    public LoraSummary {
        layers = Collections.unmodifiableSortedMap(new TreeMap<>(layers));
        tools = List.copyOf(tools);
    }

    /** Of an adapter that was read. */
    public static LoraSummary of(LoraWeights weights, List<String> tools) {
        SortedMap<String, Integer> layers = new TreeMap<>();
        weights.components()
                .forEach(component ->
                        layers.put(component, weights.layers(component).size()));
        Collection<LoraPair> pairs = weights.pairs().values();
        return new LoraSummary(
                layers,
                range(pairs.stream().map(pair -> (double) pair.rank()).toList()),
                range(pairs.stream().map(LoraPair::alpha).toList()),
                tools);
    }

    /** {@code 4}, or {@code 2 to 8, by layer}; {@code none} of nothing. */
    public static String range(Collection<Double> values) {
        if (values.isEmpty()) {
            return "none";
        }
        TreeSet<Double> sorted = new TreeSet<>(values);
        String first = number(sorted.first());
        return sorted.size() == 1 ? first : first + " to " + number(sorted.last()) + ", by layer";
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : String.valueOf(value);
    }
}
