package org.imagerl.toolkit.lora.files;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;

/**
 * PEFT's layout: a folder with a configuration and a weight file for one component, or one such folder per component, named
 * like it. The files of one component do not say which it is: the base model does, or the names of the layers.
 */
final class PeftLayout {
    /** The beginning of all keys. */
    static final String PREFIX = "base_model.model.";

    /** The weight file of a folder. */
    static final String FILE_NAME = "adapter_model.safetensors";

    /** The configuration of a folder. */
    static final String CONFIG_NAME = "adapter_config.json";

    private PeftLayout() {}

    /** Whether a folder holds the adapter of one component. */
    static boolean isSingle(Path folder) {
        return Files.exists(folder.resolve(CONFIG_NAME));
    }

    /** The folders of an adapter: the folder itself, or those in it that are named like components; empty if there are none. */
    static List<Path> folders(Path folder) {
        if (isSingle(folder)) {
            return List.of(folder);
        }
        return List.of(Component.values()).stream()
                .map(component -> folder.resolve(component.folder()))
                .filter(PeftLayout::isSingle)
                .toList();
    }

    /** @throws UserException if a file is missing, damaged or incomplete, or its layers are of no known component */
    static LoraWeights read(Path folder, BaseModules base) {
        SortedMap<String, LoraPair> pairs = new TreeMap<>();
        Map<String, AdapterConfig> configs = new HashMap<>();
        SortedMap<String, String> metadata = new TreeMap<>();
        for (Path one : folders(folder)) {
            Optional<Component> named =
                    one.equals(folder) ? Optional.empty() : Component.named(String.valueOf(one.getFileName()));
            LoraWeights part = readSingle(one, named, base);
            pairs.putAll(part.pairs());
            configs.putAll(part.configs());
            metadata.putAll(part.metadata());
        }
        return new LoraWeights(pairs, configs, metadata);
    }

    private static LoraWeights readSingle(Path folder, Optional<Component> named, BaseModules base) {
        Path configFile = folder.resolve(CONFIG_NAME);
        AdapterConfig config = AdapterConfig.of(configFile.toString(), StrictJson.object(configFile));
        try (SafetensorsFile file = open(folder)) {
            AdapterTensors tensors = AdapterTensors.of(file, LoraLayout.PEFT, layer -> layer);
            Component component = named.orElseGet(() -> component(file.path().toString(), tensors.paths(), base));
            SortedMap<String, LoraPair> pairs = new TreeMap<>();
            for (String layer : tensors.paths()) {
                double alpha = config.checkedAlpha(configFile.toString(), layer, tensors.rank(layer));
                pairs.put(component.path(layer), tensors.load(layer, alpha));
            }
            SortedMap<String, String> metadata = new TreeMap<>(file.metadata());
            metadata.remove("format");
            return new LoraWeights(pairs, Map.of(component.folder(), config), metadata);
        }
    }

    private static SafetensorsFile open(Path folder) {
        Path pickle = folder.resolve("adapter_model.bin");
        Path file = folder.resolve(FILE_NAME);
        return SafetensorsFile.open(Files.exists(pickle) && !Files.exists(file) ? pickle : file);
    }

    /** The one component that has all the layers. */
    private static Component component(String where, List<String> layers, BaseModules base) {
        List<Component> candidates = List.of(Component.values()).stream()
                .filter(component -> layers.stream().allMatch(layer -> isOf(component, layer, base)))
                .toList();
        if (candidates.size() != 1 || layers.isEmpty()) {
            throw UserException.input(where + ": its layers ("
                    + layers.stream().limit(1).map(Quote::of).toList()
                    + ", ...) belong to " + (candidates.isEmpty() ? "no component" : "more than one component")
                    + " of the model; name the checkpoint it was trained on, or put it into a folder named like its"
                    + " component: " + Component.names());
        }
        return candidates.get(0);
    }

    private static boolean isOf(Component component, String layer, BaseModules base) {
        String path = component.path(layer);
        return base.paths().isEmpty()
                ? Component.guess(layer).filter(path::equals).isPresent()
                : base.paths().contains(path);
    }

    /** Writes an adapter: into the folder itself if it has one component, else into a folder in it for each. */
    static void write(Path folder, LoraWeights weights, DType dtype) {
        for (String component : weights.components()) {
            writeSingle(
                    weights.components().size() == 1 ? folder : folder.resolve(component), component, weights, dtype);
        }
    }

    private static void writeSingle(Path folder, String component, LoraWeights weights, DType dtype) {
        AdapterWriter writer = new AdapterWriter(folder.resolve(FILE_NAME), dtype);
        weights.layers(component)
                .forEach((layer, pair) ->
                        writer.add(PREFIX + layer + ".lora_A.weight", PREFIX + layer + ".lora_B.weight", pair));
        Map<String, String> metadata = weights.metadata(LoraWeights.OWN_METADATA);
        metadata.put("format", "pt");
        writer.write(metadata);
        // The configuration makes the folder an adapter: it comes last.
        AtomicFile.writeText(
                folder.resolve(CONFIG_NAME),
                StrictJson.indented(weights.config(component).json()));
    }
}
