package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.imagerl.spi.Tuning;
import org.imagerl.toolkit.lora.TrainedWeights;
import org.imagerl.toolkit.nn.ParameterStore;

/**
 * Weights of some networks of a pipeline in training. The reference policy is the networks as they were before it.
 *
 * @param networks that are trained
 * @param onClose what remains to be done after training
 */
record PipelineTuning(List<ParameterStore> networks, TrainedWeights weights, Export export, Runnable onClose)
        implements Tuning {

    /** Writes the trained weights. */
    @FunctionalInterface
    interface Export {
        /** As {@link Tuning#export}. */
        Path to(Path folder, Map<String, String> provenance);
    }

    /** Whether one of these networks is trained. */
    boolean tunes(List<ParameterStore> others) {
        return networks.stream().anyMatch(others::contains);
    }

    @Override
    public SortedMap<String, NDArray> parameters() {
        return weights.parameters();
    }

    @Override
    public <T> T asReference(Supplier<T> body) {
        return weights.with(null, body);
    }

    @Override
    public <T> T with(Map<String, NDArray> values, Supplier<T> body) {
        return weights.with(values, body);
    }

    @Override
    public Path export(Path folder, Map<String, String> provenance) {
        return export.to(folder, provenance);
    }

    @Override
    public void close() {
        weights.close();
        onClose.run();
    }
}
