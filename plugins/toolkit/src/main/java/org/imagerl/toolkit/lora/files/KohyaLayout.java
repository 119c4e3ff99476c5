package org.imagerl.toolkit.lora.files;

import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
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
        AdapterTensors tensors = AdapterTensors.of(file, LoraLayout.KOHYA, name -> names.target(where, name));
        SortedMap<String, LoraPair> pairs = new TreeMap<>();
        for (String target : tensors.paths()) {
            // sd-scripts takes the rank where there is no alpha.
            LoraPair pair = tensors.load(target, tensors.alpha(target).orElse(tensors.rank(target)));
            names.pairs(where, target, pair).forEach((path, own) -> {
                if (pairs.put(path, own) != null) {
                    throw UserException.input(where + ": has two adapters of layer " + Quote.of(path)
                            + "; a file must hold one adapter only");
                }
            });
        }
        return new LoraWeights(pairs, Map.of(), new TreeMap<>(file.metadata()));
    }

    /**
     * Writes an adapter.
     *
     * @param info what the caller knows of the training, keys with {@code ss_}; network module, dim and alpha are added
     * @param base the model, as far as it is known
     */
    static void write(Path file, LoraWeights weights, DType dtype, Map<String, String> info, BaseModules base) {
        AdapterWriter writer = new AdapterWriter(file, dtype);
        SortedMap<String, LoraPair> named = KohyaNames.named(file.toString(), weights, base);
        named.forEach((name, pair) -> {
            writer.add(name + ".lora_down.weight", name + ".lora_up.weight", pair);
            writer.addScalar(name + ".alpha", pair.alpha());
        });
        Map<String, String> metadata = weights.metadata(LoraWeights.OWN_METADATA, METADATA, "modelspec.");
        metadata.putAll(info);
        String module = KohyaNames.family(file.toString(), weights, base)
                .map(JointNames::networkModule)
                .orElse("networks.lora");
        metadata.put("ss_network_module", module);
        metadata.put("ss_network_dim", common(named, LoraPair::rank));
        metadata.put("ss_network_alpha", common(named, LoraPair::alpha));
        writer.write(metadata);
    }

    /** The number that all layers have, or what sd-scripts writes when they differ. */
    private static String common(Map<String, LoraPair> named, Function<LoraPair, Object> value) {
        var values = named.values().stream().map(value).collect(Collectors.toSet());
        return values.size() == 1 ? String.valueOf(values.iterator().next()) : "Dynamic";
    }
}
