package org.imagerl.toolkit.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.imagerl.spi.FixedAdapter;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.toolkit.nn.Adaptable;
import org.imagerl.toolkit.nn.Adapter;
import org.imagerl.toolkit.parallel.ThreadScopedValue;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/** Adapters of a file on layers that may have trainable ones, too: while these are in force the others are not. */
public final class FixedLora implements FixedAdapter {
    private final NDManager manager;
    private final Map<Adaptable, @Nullable Supplier<@Nullable Adapter>> before = new LinkedHashMap<>();
    private final ThreadScopedValue<Boolean> inForce = new ThreadScopedValue<>(false);

    /**
     * Puts adapters on layers; to be closed before those that the layers have.
     *
     * @param layers by path
     * @param pairs of some of these layers, each of its shape
     * @param strength by which all are multiplied
     */
    public FixedLora(
            Map<String, Adaptable> layers, SortedMap<String, LoraPair> pairs, double strength, NDManager parent) {
        manager = parent.newSubManager();
        pairs.forEach((path, pair) -> {
            Adaptable layer = Objects.requireNonNull(layers.get(path));
            Supplier<@Nullable Adapter> other = layer.adapter();
            Adapter fixed = new Adapter(
                    constant(pair.down(), pair.downShape()),
                    constant(pair.up(), pair.upShape()),
                    strength * pair.scale());
            before.put(layer, other);
            layer.adapt(() -> inForce.get() ? fixed : other == null ? null : other.get());
        });
    }

    /** With native storage, which graphs may keep. */
    private NDArray constant(float[] values, Shape shape) {
        try (NDArray made = manager.create(values, shape)) {
            return Scope.keep(made.duplicate());
        }
    }

    @Override
    public <T> T with(Supplier<T> body) {
        return inForce.with(true, body);
    }

    @Override
    public void close() {
        before.forEach(Adaptable::adapt);
        manager.close();
    }
}
