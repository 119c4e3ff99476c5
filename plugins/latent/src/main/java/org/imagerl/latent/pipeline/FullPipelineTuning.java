package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.parallel.Local;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/** All weights of some networks. The reference policy is a frozen copy. */
final class FullPipelineTuning implements PipelineTuning {
    private final CheckpointPipeline pipeline;
    private final List<Network> networks;
    private final NDManager frozen;
    private final SortedMap<String, NDArray> parameters = new TreeMap<>();
    private final Map<String, NDArray> reference = new TreeMap<>();
    private final Runnable onClose;

    /** What the networks run with now. */
    private final Local<Map<String, NDArray>> inPlace = new Local<>(parameters);

    FullPipelineTuning(CheckpointPipeline pipeline, List<Network> networks, NDManager manager, Runnable onClose) {
        this.pipeline = pipeline;
        this.networks = networks;
        this.frozen = manager.newSubManager();
        this.onClose = onClose;
        for (Network network : networks) {
            NetworkWeights.makeWritable(network, manager);
            for (Parameter parameter : network.trainable()) {
                parameter.value().setRequiresGradient(true);
                String name = network.component() + "." + parameter.key();
                parameters.put(name, parameter.value());
                parameter.standIn(() -> Objects.requireNonNull(inPlace.get().get(name)));
            }
        }
        copyReference();
    }

    private void copyReference() {
        Gradients.off(() -> {
            parameters.forEach((name, value) -> {
                NDArray copy = Scope.keep(value.duplicate());
                copy.attach(frozen);
                reference.put(name, copy);
            });
            return reference;
        });
    }

    @Override
    public boolean tunes(List<Network> others) {
        return networks.stream().anyMatch(others::contains);
    }

    @Override
    public SortedMap<String, NDArray> parameters() {
        return Collections.unmodifiableSortedMap(parameters);
    }

    @Override
    public <T> T asReference(Supplier<T> body) {
        return with(reference, body);
    }

    @Override
    public <T> T with(Map<String, NDArray> values, Supplier<T> body) {
        return inPlace.with(values, body);
    }

    @Override
    public Path export(Path folder, Map<String, String> provenance) {
        Path target = folder.resolve("checkpoint");
        pipeline.replace(target, "float32");
        return target;
    }

    @Override
    public void close() {
        networks.forEach(network -> network.trainable().forEach(parameter -> parameter.standIn(null)));
        parameters.values().forEach(parameter -> parameter.setRequiresGradient(false));
        frozen.close();
        onClose.run();
    }
}
