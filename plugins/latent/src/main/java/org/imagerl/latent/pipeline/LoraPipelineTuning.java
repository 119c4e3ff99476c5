package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.lora.LoraTuning;
import org.imagerl.toolkit.lora.Targets;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.random.RandomStreams;
import org.jspecify.annotations.Nullable;

/** Low-rank adapters on some networks of a pipeline. Without them it is the reference policy, at no cost. */
final class LoraPipelineTuning implements PipelineTuning {
    private final TuningSpec.Lora spec;
    private final List<Network> networks;
    private final List<LoraTuning> tunings = new ArrayList<>();
    private final SortedMap<String, NDArray> parameters = new TreeMap<>();
    private final Runnable onClose;

    LoraPipelineTuning(
            TuningSpec.Lora spec, List<Network> networks, RandomStreams random, NDManager manager, Runnable onClose) {
        this.spec = spec;
        this.networks = networks;
        this.onClose = onClose;
        List<String> paths = networks.stream()
                .flatMap(network -> network.adaptables().keySet().stream())
                .toList();
        Targets.check(paths, spec.targets());
        for (Network network : networks) {
            LoraTuning tuning = new LoraTuning(network, spec, random, manager);
            if (tuning.adapters().isEmpty()) {
                throw UserException.input(
                        "no layer of " + network.component() + " matches the LoRA targets " + spec.targets());
            }
            tunings.add(tuning);
            parameters.putAll(tuning.parameters());
        }
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
        return with(null, body);
    }

    @Override
    public <T> T with(@Nullable Map<String, NDArray> values, Supplier<T> body) {
        return with(0, values, body);
    }

    /** On the networks from one on. */
    private <T> T with(int first, @Nullable Map<String, NDArray> values, Supplier<T> body) {
        return first == tunings.size()
                ? body.get()
                : tunings.get(first).with(values, () -> with(first + 1, values, body));
    }

    @Override
    public Path export(Path folder, Map<String, String> provenance) {
        return LoraExport.diffusers(folder, spec, tunings, provenance);
    }

    @Override
    public void close() {
        tunings.forEach(LoraTuning::close);
        onClose.run();
    }
}
