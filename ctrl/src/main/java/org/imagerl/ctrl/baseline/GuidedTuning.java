package org.imagerl.ctrl.baseline;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.imagerl.spi.Tuning;

/** Adapters of a guided checkpoint. The reference weights are those of the checkpoint without guidance. */
final class GuidedTuning implements Tuning {
    private final Tuning adapters;
    private final Unguided unguided;

    /** Runs a body without guidance. */
    interface Unguided {
        <T> T run(Supplier<T> body);
    }

    GuidedTuning(Tuning adapters, Unguided unguided) {
        this.adapters = adapters;
        this.unguided = unguided;
    }

    @Override
    public SortedMap<String, NDArray> parameters() {
        return adapters.parameters();
    }

    @Override
    public double learningRateFactor(String parameter) {
        return adapters.learningRateFactor(parameter);
    }

    @Override
    public <T> T asReference(Supplier<T> body) {
        return unguided.run(() -> adapters.asReference(body));
    }

    @Override
    public <T> T with(Map<String, NDArray> values, Supplier<T> body) {
        return adapters.with(values, body);
    }

    @Override
    public Path export(Path folder, Map<String, String> provenance) {
        return adapters.export(folder, provenance);
    }

    @Override
    public void close() {
        adapters.close();
    }
}
