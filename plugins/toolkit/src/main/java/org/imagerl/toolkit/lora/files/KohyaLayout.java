package org.imagerl.toolkit.lora.files;

import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;

/** Kohya's layout: names without dots, an alpha tensor per layer, what is known of the training in {@code ss_} metadata. */
final class KohyaLayout {
    /** The beginning of the metadata keys of sd-scripts. */
    static final String METADATA = "ss_";

    private KohyaLayout() {}

    /** @throws UserException if the file is damaged or incomplete, or the model has no such layers */
    static LoraWeights read(SafetensorsFile file, BaseModules base) {
        String where = file.path().toString();
        KohyaNames names = new KohyaNames(base);
        AdapterTensors tensors = AdapterTensors.of(file, LoraLayout.KOHYA, name -> names.path(where, name));
        SortedMap<String, LoraPair> pairs = new TreeMap<>();
        for (String path : tensors.paths()) {
            // sd-scripts takes the rank where there is no alpha.
            pairs.put(path, tensors.load(path, tensors.alpha(path).orElse(tensors.rank(path))));
        }
        return new LoraWeights(pairs, Map.of(), new TreeMap<>(file.metadata()));
    }

    /**
     * Writes an adapter.
     *
     * @param info what the caller knows of the training, keys with {@code ss_}; network module, dim and alpha are added
     * @param severalTextEncoders whether the model has more than one, as SDXL does
     */
    static void write(
            Path file, LoraWeights weights, DType dtype, Map<String, String> info, boolean severalTextEncoders) {
        AdapterWriter writer = new AdapterWriter(file, dtype);
        weights.pairs().forEach((path, pair) -> {
            String name = KohyaNames.of(path, severalTextEncoders);
            writer.add(name + ".lora_down.weight", name + ".lora_up.weight", pair);
            writer.addScalar(name + ".alpha", pair.alpha());
        });
        Map<String, String> metadata = weights.metadata(LoraWeights.OWN_METADATA, METADATA, "modelspec.");
        metadata.putAll(info);
        metadata.put("ss_network_module", "networks.lora");
        metadata.put("ss_network_dim", common(weights, LoraPair::rank));
        metadata.put("ss_network_alpha", common(weights, LoraPair::alpha));
        writer.write(metadata);
    }

    /** The number that all layers have, or what sd-scripts writes when they differ. */
    private static String common(LoraWeights weights, Function<LoraPair, Object> value) {
        var values = weights.pairs().values().stream().map(value).collect(Collectors.toSet());
        return values.size() == 1 ? String.valueOf(values.iterator().next()) : "Dynamic";
    }
}
