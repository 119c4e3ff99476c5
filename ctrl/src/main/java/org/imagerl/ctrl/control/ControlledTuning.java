package org.imagerl.ctrl.control;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.imagerl.spi.Tuning;

/**
 * The embeddings of the controls beside the adapters of the checkpoint. The reference weights are those of the checkpoint, which is
 * conditioned on no class.
 */
final class ControlledTuning implements Tuning {
    private final Tuning adapters;
    private final ControlModel model;
    private final ControlTables tables;
    private final String fingerprint;
    private final SortedMap<String, NDArray> parameters = new TreeMap<>();

    /** @param fingerprint of the checkpoint */
    ControlledTuning(Tuning adapters, ControlModel model, ControlTables tables, String fingerprint) {
        this.adapters = adapters;
        this.model = model;
        this.tables = tables;
        this.fingerprint = fingerprint;
        tables.trainable(true);
        parameters.putAll(adapters.parameters());
        parameters.putAll(tables.rows());
    }

    @Override
    public SortedMap<String, NDArray> parameters() {
        return Collections.unmodifiableSortedMap(parameters);
    }

    @Override
    public double learningRateFactor(String parameter) {
        return ControlTables.owns(parameter) ? model.learningRateFactor() : adapters.learningRateFactor(parameter);
    }

    @Override
    public <T> T asReference(Supplier<T> body) {
        return adapters.asReference(() -> tables.with(null, body));
    }

    @Override
    public <T> T with(Map<String, NDArray> values, Supplier<T> body) {
        return adapters.with(values, () -> tables.with(values, body));
    }

    @Override
    public Path export(Path folder, Map<String, String> provenance) {
        adapters.export(folder, provenance);
        return ControlAdapter.write(folder, model, tables.rows(), fingerprint, provenance);
    }

    @Override
    public void close() {
        tables.trainable(false);
        adapters.close();
    }
}
