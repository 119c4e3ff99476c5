package org.imagerl.spi.lora;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * An adapter in no layout in particular. Equal for all files of the same adapter, but for configuration and metadata.
 *
 * @param pairs path to matrices, sorted by path
 * @param configs component to the configuration that its file had, PEFT's {@code LoraConfig} as JSON; empty for files without, and for new
 *     adapters
 * @param metadata the strings of its file, without those that only say what layout it is
 */
public record LoraWeights(
        SortedMap<String, LoraPair> pairs, Map<String, String> configs, SortedMap<String, String> metadata) {
    /** The beginning of all metadata keys of ours; they survive a change of layout. */
    public static final String OWN_METADATA = "imagerl.";

    /** Copies the maps and refuses paths without a component. */
    public LoraWeights {
        pairs = Collections.unmodifiableSortedMap(new TreeMap<>(pairs));
        configs = Map.copyOf(configs);
        metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
        pairs.keySet().forEach(LoraWeights::component);
    }

    private static String component(String path) {
        int dot = path.indexOf('.');
        if (dot < 1 || dot + 1 == path.length()) {
            throw new IllegalArgumentException("a path is a component and a layer with a dot between, not " + path);
        }
        return path.substring(0, dot);
    }

    /**
     * A new adapter.
     *
     * @param pairs path to matrices
     * @param provenance what is known of its making; each key is written as {@code imagerl.KEY}
     */
    public static LoraWeights of(Map<String, LoraPair> pairs, Map<String, String> provenance) {
        TreeMap<String, String> metadata = new TreeMap<>();
        provenance.forEach((key, value) -> metadata.put(OWN_METADATA + key, value));
        return new LoraWeights(new TreeMap<>(pairs), Map.of(), metadata);
    }

    /** The components it adapts, by their folder names. */
    public SortedSet<String> components() {
        SortedSet<String> components = new TreeSet<>();
        pairs.keySet().forEach(path -> components.add(component(path)));
        return components;
    }

    /** The part of one component: layer name, without the component, to matrices. */
    public SortedMap<String, LoraPair> layers(String component) {
        String prefix = component + ".";
        SortedMap<String, LoraPair> layers = new TreeMap<>();
        pairs.forEach((path, pair) -> {
            if (path.startsWith(prefix)) {
                layers.put(path.substring(prefix.length()), pair);
            }
        });
        return layers;
    }

    /** The metadata whose keys begin with one of these. */
    public SortedMap<String, String> metadata(String... prefixes) {
        SortedMap<String, String> kept = new TreeMap<>(metadata);
        kept.keySet().removeIf(key -> Stream.of(prefixes).noneMatch(key::startsWith));
        return kept;
    }
}
