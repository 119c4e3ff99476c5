package org.imagerl.toolkit.lora.files;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Quote;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.StrictJson;
import tools.jackson.databind.node.ObjectNode;

/**
 * Diffusers' layout. Alpha comes from an alpha tensor, else from {@code lora_adapter_metadata}, else it is the rank (older
 * diffusers multiplied the strength into the up matrices).
 */
final class DiffusersLayout {
    /** The name under which {@code load_lora_weights} looks for an adapter in a folder. */
    static final String FILE_NAME = "pytorch_lora_weights.safetensors";

    /** Where the configurations of all components are, as one JSON object. */
    static final String CONFIG_KEY = "lora_adapter_metadata";

    private static final String FORMAT_KEY = "format";

    private DiffusersLayout() {}

    /** @throws UserException if the file is damaged, incomplete, or of no component that is known */
    static LoraWeights read(SafetensorsFile file) {
        String where = file.path().toString();
        AdapterTensors tensors = AdapterTensors.of(file, LoraLayout.DIFFUSERS, layer -> path(where, layer));
        Map<String, AdapterConfig> configs = configs(file);
        SortedMap<String, LoraPair> pairs = new TreeMap<>();
        for (String path : tensors.paths()) {
            pairs.put(path, tensors.load(path, alpha(where, path, tensors, configs)));
        }
        SortedMap<String, String> metadata = new TreeMap<>(file.metadata());
        metadata.keySet().removeAll(List.of(CONFIG_KEY, FORMAT_KEY));
        return new LoraWeights(pairs, configs, metadata);
    }

    /** The path of a layer; files of one UNet only have sometimes no component before it. */
    private static String path(String where, String layer) {
        String first = layer.split("\\.", 2)[0];
        Optional<String> path = Component.named(first).isPresent() ? Optional.of(layer) : Component.guess(layer);
        return path.orElseThrow(() -> UserException.input(where + ": layer " + Quote.of(layer)
                + " is of no known component, expected one of " + Component.names()
                + " before its name; adapters with the layer names of the models' own code (as \"diffusion_model.\") must"
                + " be converted to diffusers' layout first"));
    }

    /** The alpha of a layer that a file names, of whatever component that is known. */
    static double alpha(
            SafetensorsFile file, String layer, AdapterTensors tensors, Map<String, AdapterConfig> configs) {
        String where = file.path().toString();
        String path = path(where, layer);
        OptionalDouble tensor = tensors.alpha(layer);
        AdapterConfig config = configs.get(Component.of(path).folder());
        return tensor.isPresent() || config == null
                ? tensor.orElse(tensors.rank(layer))
                : config.alpha(where, Component.of(path).layer(path));
    }

    private static double alpha(String where, String path, AdapterTensors tensors, Map<String, AdapterConfig> configs) {
        Component component = Component.of(path);
        AdapterConfig config = configs.get(component.folder());
        OptionalDouble tensor = tensors.alpha(path);
        if (tensor.isPresent() || config == null) {
            return tensor.orElse(tensors.rank(path));
        }
        String key = where + ": " + CONFIG_KEY + " of " + component.folder();
        return config.checkedAlpha(key, component.layer(path), tensors.rank(path));
    }

    /** Component to configuration, from the metadata. */
    static Map<String, AdapterConfig> configs(SafetensorsFile file) {
        String text = file.metadata().get(CONFIG_KEY);
        if (text == null) {
            return Map.of();
        }
        String where = file.path() + ": " + CONFIG_KEY;
        Map<String, ObjectNode> byComponent = new TreeMap<>();
        StrictJson.object(where, text).properties().forEach(entry -> {
            String[] key = entry.getKey().split("\\.", 2);
            if (key.length < 2 || Component.named(key[0]).isEmpty()) {
                throw UserException.input(where + ": the key " + Quote.of(entry.getKey())
                        + " does not begin with a component, expected one of " + Component.names());
            }
            byComponent.computeIfAbsent(key[0], name -> StrictJson.newObject()).set(key[1], entry.getValue());
        });
        Map<String, AdapterConfig> configs = new HashMap<>();
        byComponent.forEach((name, json) -> configs.put(name, AdapterConfig.of(where + " of " + name, json)));
        return configs;
    }

    /** Writes an adapter. */
    static void write(Path file, LoraWeights weights, DType dtype) {
        AdapterWriter writer = new AdapterWriter(file, dtype);
        ObjectNode configs = StrictJson.newObject();
        for (String component : weights.components()) {
            SortedMap<String, LoraPair> layers = weights.layers(component);
            DiffusersSpelling spelling = DiffusersSpelling.of(component, layers.keySet());
            layers.forEach((layer, pair) ->
                    writer.add(component + "." + spelling.down(layer), component + "." + spelling.up(layer), pair));
            weights.config(component)
                    .json()
                    .properties()
                    .forEach(entry -> configs.set(component + "." + entry.getKey(), entry.getValue()));
        }
        Map<String, String> metadata = weights.metadata(LoraWeights.OWN_METADATA);
        metadata.put(FORMAT_KEY, "pt");
        metadata.put(CONFIG_KEY, StrictJson.indented(configs));
        writer.write(metadata);
    }
}
