package org.imagerl.toolkit.lora.files;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.lora.files.LoraKey.Role;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.TensorEntry;

/**
 * The tensors of an adapter file by layer, checked but not yet loaded: each layer has its two matrices, which fit together,
 * and perhaps an alpha; there is nothing else in the file.
 */
final class AdapterTensors {
    /** Larger than any adapter; what is larger is a mistake and would not fit into arrays. */
    private static final long MAX_BYTES = 8L << 30;

    private final SafetensorsFile file;
    private final SortedMap<String, Map<Role, TensorEntry>> layers = new TreeMap<>();

    private AdapterTensors(SafetensorsFile file) {
        this.file = file;
    }

    /**
     * Sorts the tensors of a file by layer.
     *
     * @param rename turns the layer of a key into a path
     * @throws UserException if a tensor is of no layer, missing, there twice, or does not fit the other
     */
    static AdapterTensors of(SafetensorsFile file, LoraLayout layout, UnaryOperator<String> rename) {
        AdapterTensors tensors = new AdapterTensors(file);
        tensors.checkSize();
        tensors.addAll(layout, rename);
        tensors.layers.forEach(tensors::check);
        return tensors;
    }

    private void checkSize() {
        long bytes = file.entries().stream().mapToLong(TensorEntry::bytes).sum();
        if (bytes > MAX_BYTES) {
            throw UserException.input(file.path() + ": has " + bytes
                    + " bytes of tensors, more than any adapter (at most " + MAX_BYTES + ")");
        }
    }

    private void addAll(LoraLayout layout, UnaryOperator<String> rename) {
        UnsupportedAdapters.in(file).ifPresent(kind -> {
            throw UserException.input(file.path() + ": " + kind.message());
        });
        List<String> unknown = new ArrayList<>();
        for (TensorEntry entry : file.entries()) {
            if (BundledEmbeddings.isOf(entry.name())) {
                continue;
            }
            layout.read(entry.name())
                    .ifPresentOrElse(
                            key -> add(rename.apply(key.layer()), key.role(), entry), () -> unknown.add(entry.name()));
        }
        if (!unknown.isEmpty()) {
            throw UserException.input(file.path() + ": looks like a LoRA file in " + layout.title() + " layout, but "
                    + unknown.size() + " of its " + file.entries().size() + " tensors are no part of one: "
                    + String.join(", ", unknown.stream().limit(5).map(Quote::of).toList())
                    + (unknown.size() > 5 ? ", ..." : ""));
        }
    }

    private void add(String path, Role role, TensorEntry entry) {
        TensorEntry before =
                layers.computeIfAbsent(path, p -> new EnumMap<>(Role.class)).put(role, entry);
        if (before != null) {
            throw UserException.input(file.path() + ": " + Quote.of(before.name()) + " and " + Quote.of(entry.name())
                    + " are the same matrix of the same layer; a file must hold one adapter only");
        }
    }

    private void check(String path, Map<Role, TensorEntry> parts) {
        for (Role role : List.of(Role.DOWN, Role.UP)) {
            if (!parts.containsKey(role)) {
                throw UserException.input(file.path() + ": layer " + Quote.of(path) + " has no " + role
                        + " matrix beside "
                        + parts.values().stream().map(e -> Quote.of(e.name())).toList());
            }
        }
        LoraPair.problem(down(path).shape(), up(path).shape()).ifPresent(problem -> {
            throw UserException.input(file.path() + ": layer " + Quote.of(path) + ": " + problem);
        });
    }

    private TensorEntry part(String path, Role role) {
        TensorEntry entry = layers.getOrDefault(path, Map.of()).get(role);
        if (entry == null) {
            throw new IllegalArgumentException(path + " has no " + role);
        }
        return entry;
    }

    /** The paths of the layers, sorted. */
    List<String> paths() {
        return List.copyOf(layers.keySet());
    }

    TensorEntry down(String path) {
        return part(path, Role.DOWN);
    }

    TensorEntry up(String path) {
        return part(path, Role.UP);
    }

    /** The inner dimension of a layer. */
    int rank(String path) {
        return Math.toIntExact(down(path).shape().get(0));
    }

    /**
     * The alpha tensor of a layer, if it has one.
     *
     * @throws UserException if it is not a single finite number
     */
    OptionalDouble alpha(String path) {
        TensorEntry entry = layers.getOrDefault(path, Map.of()).get(Role.ALPHA);
        return entry == null ? OptionalDouble.empty() : OptionalDouble.of(scalar(entry));
    }

    private double scalar(TensorEntry entry) {
        boolean known = entry.dtype().isFloat() || entry.dtype() == DType.I64 || entry.dtype() == DType.I32;
        double value = known && entry.elements() == 1 ? value(entry) : Double.NaN;
        if (!Double.isFinite(value)) {
            throw UserException.input(file.path() + ": " + Quote.of(entry.name()) + " is " + entry.dtype() + " "
                    + entry.shape() + (known && entry.elements() == 1 ? " " + value : "") + ", expected one number");
        }
        return value;
    }

    private double value(TensorEntry entry) {
        return switch (entry.dtype()) {
            case I64 -> file.read(entry.name()).getLong();
            case I32 -> file.read(entry.name()).getInt();
            case F64 -> file.read(entry.name()).getDouble();
            default -> file.floats(entry.name())[0];
        };
    }

    /**
     * Loads the matrices of a layer.
     *
     * @throws UserException if they are no numbers, or not finite ones
     */
    LoraPair load(String path, double alpha) {
        TensorEntry down = down(path);
        TensorEntry up = up(path);
        return new LoraPair(finite(down), down.shape(), finite(up), up.shape(), alpha, down.dtype());
    }

    private float[] finite(TensorEntry entry) {
        float[] values = file.floats(entry.name());
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw UserException.input(file.path() + ": " + Quote.of(entry.name()) + " has the value " + values[i]
                        + " at index " + i + ": the training that made it diverged");
            }
        }
        return values;
    }
}
