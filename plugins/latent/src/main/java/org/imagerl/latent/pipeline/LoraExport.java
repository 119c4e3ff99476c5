package org.imagerl.latent.pipeline;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.toolkit.lora.LoraTuning;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.imagerl.toolkit.nn.Adapter;
import org.imagerl.toolkit.tensor.Floats;

/** Trained adapters to a LoRA file. */
final class LoraExport {
    private LoraExport() {}

    /** Writes {@code pytorch_lora_weights.safetensors} in float32. */
    static Path diffusers(Path folder, TuningSpec.Lora spec, LoraTuning tuning, Map<String, String> provenance) {
        Map<String, LoraPair> pairs = new TreeMap<>();
        tuning.adapters().forEach((path, adapter) -> pairs.put(path, pair(adapter, spec.alpha())));
        return LoraFiles.writeRun(folder, LoraWeights.of(pairs, provenance));
    }

    private static LoraPair pair(Adapter adapter, double alpha) {
        return new LoraPair(
                Floats.of(adapter.down()),
                adapter.down().getShape(),
                Floats.of(adapter.up()),
                adapter.up().getShape(),
                alpha);
    }
}
