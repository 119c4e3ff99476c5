package org.imagerl.ctrl.control;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.imagerl.toolkit.parallel.ThreadScopedValue;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * A row per class of every control, zero at the start; a model that is conditioned on the gamma has a second one, whose weight is ln
 * gamma. The null class has no row: without a class nothing is added, whatever is trained.
 */
final class ControlTables implements AutoCloseable {
    private static final String PREFIX = "control.";

    private final NDManager manager;
    private final SortedMap<String, NDArray> rows = new TreeMap<>();
    private final ThreadScopedValue<Optional<Map<String, NDArray>>> inPlace =
            new ThreadScopedValue<>(Optional.of(rows));

    /** @param width of what steers the denoiser's blocks */
    ControlTables(List<Control> controls, boolean gammas, int width, NDManager parent) {
        manager = parent.newSubManager();
        shapes(controls, gammas, width)
                .forEach((name, shape) -> rows.put(name, Scope.keep(manager.zeros(shape, DataType.FLOAT32))));
    }

    /** The shapes of the tables, {@code [classes, width]} by name. */
    static SortedMap<String, Shape> shapes(List<Control> controls, boolean gammas, int width) {
        SortedMap<String, Shape> shapes = new TreeMap<>();
        for (Control control : controls) {
            Shape shape = new Shape(control.classes(), width);
            shapes.put(PREFIX + control.name() + ".weight", shape);
            if (gammas) {
                shapes.put(PREFIX + control.name() + ".strength", shape);
            }
        }
        return shapes;
    }

    static boolean owns(String parameter) {
        return parameter.startsWith(PREFIX);
    }

    /** The rows by name, {@code [classes, width]}. */
    SortedMap<String, NDArray> rows() {
        return Collections.unmodifiableSortedMap(rows);
    }

    void trainable(boolean on) {
        rows.values().forEach(table -> table.setRequiresGradient(on));
    }

    /** Runs the body with other rows; null: with none. */
    <T> T with(@Nullable Map<String, NDArray> values, Supplier<T> body) {
        return inPlace.with(Optional.ofNullable(values), body);
    }

    /**
     * The sum of embeddings that is added to the modulation of the blocks.
     *
     * @param chosen by name of the rows, float32 {@code [B, classes]}: the weight of each row
     * @return float32 {@code [B, width]}; null if there are no rows now
     */
    @Nullable
    NDArray modulation(Map<String, NDArray> chosen) {
        Map<String, NDArray> tables = inPlace.get().orElse(null);
        if (tables == null || chosen.isEmpty()) {
            return null;
        }
        return Scope.of(() -> {
            NDArray sum = null;
            for (Map.Entry<String, NDArray> choice : chosen.entrySet()) {
                NDArray table = Objects.requireNonNull(tables.get(choice.getKey()));
                NDArray added = choice.getValue().matMul(table);
                sum = sum == null ? added : sum.add(added);
            }
            return Objects.requireNonNull(sum);
        });
    }

    @Override
    public void close() {
        manager.close();
    }
}
