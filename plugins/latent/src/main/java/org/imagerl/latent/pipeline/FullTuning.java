package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.imagerl.toolkit.lora.TrainedWeights;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.parallel.ThreadScopedValue;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/** Trains all weights of some networks. A frozen copy keeps their values before training. */
final class FullTuning implements TrainedWeights {
    private final List<ParameterStore> networks;
    private final NDManager frozen;
    private final SortedMap<String, NDArray> parameters = new TreeMap<>();
    private final Map<String, NDArray> before = new TreeMap<>();

    /** What the networks run with now. */
    private final ThreadScopedValue<Map<String, NDArray>> inPlace = new ThreadScopedValue<>(parameters);

    FullTuning(List<ParameterStore> networks, NDManager manager) {
        this.networks = networks;
        this.frozen = manager.newSubManager();
        for (ParameterStore network : networks) {
            NetworkWeights.makeWritable(network, manager);
            for (Parameter parameter : network.trainable()) {
                parameter.value().setRequiresGradient(true);
                String name = network.component() + "." + parameter.key();
                parameters.put(name, parameter.value());
                parameter.standIn(() -> Objects.requireNonNull(inPlace.get().get(name)));
            }
        }
        Gradients.off(() -> {
            parameters.forEach((name, value) -> {
                NDArray copy = Scope.keep(value.duplicate());
                copy.attach(frozen);
                before.put(name, copy);
            });
            return before;
        });
    }

    @Override
    public SortedMap<String, NDArray> parameters() {
        return Collections.unmodifiableSortedMap(parameters);
    }

    @Override
    public <T> T with(@Nullable Map<String, NDArray> values, Supplier<T> body) {
        return inPlace.with(values == null ? before : values, body);
    }

    @Override
    public void close() {
        networks.forEach(network -> network.trainable().forEach(parameter -> parameter.standIn(null)));
        parameters.values().forEach(parameter -> parameter.setRequiresGradient(false));
        frozen.close();
    }
}
