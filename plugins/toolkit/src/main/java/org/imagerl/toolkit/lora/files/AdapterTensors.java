package org.imagerl.toolkit.lora.files;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraSummary;
import org.imagerl.spi.lora.TensorFile;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.lora.files.LoraKey.Role;

/**
 * The tensors of an adapter file by layer, checked but not yet loaded: each layer has its two matrices, which fit together,
 * and perhaps an alpha; there is nothing else in the file.
 */
final class AdapterTensors {
    /** Larger than any adapter; what is larger is a mistake and would not fit into arrays. */
    private static final long MAX_BYTES = 8L << 30;

    private final TensorFile file;
    private final SortedMap<String, Map<Role, String>> layers = new TreeMap<>();

    private AdapterTensors(TensorFile file) {
        this.file = file;
    }

    /**
     * Sorts the tensors of a file by layer.
     *
     * @param layout its name, for messages
     * @param keys what a key says in that layout; empty for what is none of it
     * @param rename turns the layer of a key into a path
     * @throws UserException if a tensor is of no layer, missing, there twice, or does not fit the other
     */
    static AdapterTensors of(
            TensorFile file, String layout, Function<String, Optional<LoraKey>> keys, UnaryOperator<String> rename) {
        AdapterTensors tensors = new AdapterTensors(file);
        tensors.checkSize();
        tensors.addAll(layout, keys, rename);
        tensors.layers.forEach(tensors::check);
        return tensors;
    }

    private void checkSize() {
        long bytes = file.bytes();
        if (bytes > MAX_BYTES) {
            throw UserException.input(file.path() + ": has " + bytes
                    + " bytes of tensors, more than any adapter (at most " + MAX_BYTES + ")");
        }
    }

    private void addAll(String layout, Function<String, Optional<LoraKey>> keys, UnaryOperator<String> rename) {
        UnsupportedAdapters.in(file).ifPresent(kind -> {
            throw UserException.input(file.path() + ": " + kind.message());
        });
        List<String> unknown = new ArrayList<>();
        for (String name : file.names()) {
            if (BundledEmbeddings.isOf(name)) {
                continue;
            }
            keys.apply(name)
                    .ifPresentOrElse(key -> add(rename.apply(key.layer()), key.role(), name), () -> unknown.add(name));
        }
        if (!unknown.isEmpty()) {
            throw UserException.input(file.path() + ": looks like a LoRA file in " + layout + " layout, but "
                    + unknown.size() + " of its " + file.names().size() + " tensors are no part of one: "
                    + String.join(", ", unknown.stream().limit(5).map(Quote::of).toList())
                    + (unknown.size() > 5 ? ", ..." : ""));
        }
    }

    private void add(String path, Role role, String name) {
        String before =
                layers.computeIfAbsent(path, p -> new EnumMap<>(Role.class)).put(role, name);
        if (before != null) {
            throw UserException.input(file.path() + ": " + Quote.of(before) + " and " + Quote.of(name)
                    + " are the same matrix of the same layer; a file must hold one adapter only");
        }
    }

    private void check(String path, Map<Role, String> parts) {
        for (Role role : List.of(Role.DOWN, Role.UP)) {
            if (!parts.containsKey(role)) {
                throw UserException.input(file.path() + ": layer " + Quote.of(path) + " has no " + role
                        + " matrix beside "
                        + parts.values().stream().map(Quote::of).toList());
            }
        }
        LoraPair.problem(file.shape(down(path)), file.shape(up(path))).ifPresent(problem -> {
            throw UserException.input(file.path() + ": layer " + Quote.of(path) + ": " + problem);
        });
    }

    private String part(String path, Role role) {
        String name = layers.getOrDefault(path, Map.of()).get(role);
        if (name == null) {
            throw new IllegalArgumentException(path + " has no " + role);
        }
        return name;
    }

    /** The paths of the layers, sorted. */
    List<String> paths() {
        return List.copyOf(layers.keySet());
    }

    private String down(String path) {
        return part(path, Role.DOWN);
    }

    private String up(String path) {
        return part(path, Role.UP);
    }

    /** The inner dimension of a layer. */
    int rank(String path) {
        return Math.toIntExact(file.shape(down(path)).get(0));
    }

    /**
     * The alpha tensor of a layer, if it has one.
     *
     * @throws UserException if it is not a single finite number
     */
    OptionalDouble alpha(String path) {
        String name = layers.getOrDefault(path, Map.of()).get(Role.ALPHA);
        return name == null ? OptionalDouble.empty() : OptionalDouble.of(file.number(name));
    }

    /** Whether layers say their alpha themselves. */
    boolean hasAlphas() {
        return layers.values().stream().anyMatch(parts -> parts.containsKey(Role.ALPHA));
    }

    /** The ranks of all layers, for people. */
    String ranks() {
        return LoraSummary.range(
                paths().stream().map(path -> (double) rank(path)).toList());
    }

    /** The alphas of all layers, for people, where nothing but the layers says them. */
    String alphas() {
        return hasAlphas()
                ? LoraSummary.range(paths().stream()
                        .map(path -> alpha(path).orElse(rank(path)))
                        .toList())
                : "not said: the rank is taken";
    }

    /** The layers of each component, or of what is known of it, counted. */
    SortedMap<String, Integer> byComponent(Function<String, Optional<Component>> component) {
        SortedMap<String, Integer> counts = new TreeMap<>();
        paths().forEach(path -> counts.merge(
                component.apply(path).map(Component::folder).orElse("unknown component"), 1, Integer::sum));
        return counts;
    }

    /**
     * Loads the matrices of a layer.
     *
     * @throws UserException if they are no numbers, or not finite ones
     */
    LoraPair load(String path, double alpha) {
        String down = down(path);
        String up = up(path);
        return new LoraPair(finite(down), file.shape(down), finite(up), file.shape(up), alpha);
    }

    private float[] finite(String name) {
        float[] values = file.floats(name);
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw UserException.input(file.path() + ": " + Quote.of(name) + " has the value " + values[i]
                        + " at index " + i + ": the training that made it diverged");
            }
        }
        return values;
    }
}
