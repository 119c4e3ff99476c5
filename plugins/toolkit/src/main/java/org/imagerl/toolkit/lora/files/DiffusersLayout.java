package org.imagerl.toolkit.lora.files;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraSummary;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.spi.lora.TensorFile;
import org.imagerl.spi.lora.TensorFiles;
import org.imagerl.spi.lora.TensorFiles.Tensor;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.node.ObjectNode;

/**
 * Diffusers' layout. Alpha comes from an alpha tensor, else from {@code lora_adapter_metadata}, else it is the rank (older
 * diffusers multiplied the strength into the up matrices).
 */
final class DiffusersLayout implements LoraLayout {
    /** The name under which {@code load_lora_weights} looks for an adapter in a folder. */
    static final String FILE_NAME = "pytorch_lora_weights.safetensors";

    /** Where the configurations of all components are, as one JSON object. */
    static final String CONFIG_KEY = "lora_adapter_metadata";

    private static final String FORMAT_KEY = "format";

    @Override
    public String name() {
        return "diffusers";
    }

    @Override
    public String description() {
        return "pytorch_lora_weights.safetensors: diffusers, imagerl; of SD3 and FLUX also ComfyUI";
    }

    @Override
    public boolean recognises(Collection<String> names) {
        return names.stream().anyMatch(name -> LoraKey.isMatrix(LoraKey.dotted(name)));
    }

    /** Many tools write names with dots, see {@link DottedNames}. */
    @Override
    public boolean general() {
        return true;
    }

    /** @throws UserException if the file is damaged, incomplete, or of no component that is known */
    @Override
    public LoraWeights read(Path path, Map<String, Shape> layers, TensorFiles files) {
        try (TensorFile file = files.open(path)) {
            return read(file, BaseModules.of(layers));
        }
    }

    @Override
    public LoraSummary summary(TensorFile file, TensorFiles files) {
        return new DiffusersSummary(file).summary();
    }

    private static LoraWeights read(TensorFile file, BaseModules base) {
        String where = file.path().toString();
        DottedNames names = names(file, base);
        AdapterTensors tensors = tensors(file, names::target);
        Map<String, AdapterConfig> configs = configs(file, names);
        SortedMap<String, LoraPair> pairs = new TreeMap<>();
        for (String target : tensors.paths()) {
            LoraPair pair = tensors.load(target, alpha(file, target, tensors, names, configs));
            names.pairs(target, pair).forEach((path, own) -> {
                if (pairs.put(path, own) != null) {
                    throw UserException.input(where + ": has two adapters of layer " + Quote.of(path)
                            + "; a file must hold one adapter only");
                }
            });
        }
        SortedMap<String, String> metadata = new TreeMap<>(file.metadata());
        metadata.keySet().removeAll(List.of(CONFIG_KEY, FORMAT_KEY));
        return new LoraWeights(pairs, AdapterConfig.texts(configs), metadata);
    }

    /** The tensors of a file. */
    static AdapterTensors tensors(TensorFile file, UnaryOperator<String> rename) {
        return AdapterTensors.of(file, "diffusers", LoraKey::dotted, rename);
    }

    /** The names of the layers of a file. */
    static DottedNames names(TensorFile file, BaseModules base) {
        return new DottedNames(file.path().toString(), layers(file), base);
    }

    private static Set<String> layers(TensorFile file) {
        return file.names().stream()
                .flatMap(key -> LoraKey.dotted(key).stream())
                .map(LoraKey::layer)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * The alpha of a layer.
     *
     * @param layer its name in the file, or its path
     */
    static double alpha(
            TensorFile file,
            String layer,
            AdapterTensors tensors,
            DottedNames names,
            Map<String, AdapterConfig> configs) {
        OptionalDouble tensor = tensors.alpha(layer);
        Optional<Component> component = names.component(layer);
        AdapterConfig config =
                component.map(found -> configs.get(found.folder())).orElse(null);
        if (tensor.isPresent() || config == null) {
            return tensor.orElse(tensors.rank(layer));
        }
        String folder = component.orElseThrow().folder();
        String prefix = folder + ".";
        String path = names.target(layer);
        return config.checkedAlpha(
                file.path() + ": " + CONFIG_KEY + " of " + folder,
                path.startsWith(prefix) ? path.substring(prefix.length()) : path,
                tensors.rank(layer));
    }

    /** Keys of a configuration that {@code load_lora_weights} reads without asking whether they are there. */
    private static final List<String> NEEDED = List.of("rank_pattern", "alpha_pattern", "target_modules");

    /** Component to configuration, from the metadata; {@code save_lora_adapter} does not write the component before the keys. */
    static Map<String, AdapterConfig> configs(TensorFile file, DottedNames names) {
        String text = file.metadata().get(CONFIG_KEY);
        if (text == null) {
            return Map.of();
        }
        String where = file.path() + ": " + CONFIG_KEY;
        ObjectNode all = StrictJson.object(where, text);
        if (all.has("r") && all.has("lora_alpha")) {
            String component = onlyComponent(where, layers(file), names);
            return Map.of(component, AdapterConfig.of(where, all));
        }
        Map<String, ObjectNode> byComponent = new TreeMap<>();
        all.properties().forEach(entry -> {
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

    private static String onlyComponent(String where, Set<String> layers, DottedNames names) {
        Set<String> components = layers.stream()
                .flatMap(layer -> names.component(layer).stream())
                .map(Component::folder)
                .collect(Collectors.toCollection(TreeSet::new));
        if (components.size() != 1) {
            throw UserException.input(
                    where + ": is the configuration of one component, but the layers of the file are of "
                            + (components.isEmpty() ? "none that is known" : String.join(", ", components)));
        }
        return components.iterator().next();
    }

    @Override
    public void write(Path target, LoraWeights weights, Writing writing, TensorFiles files) {
        Map<String, Tensor> tensors = new TreeMap<>();
        ObjectNode configs = StrictJson.newObject();
        for (String component : weights.components()) {
            SortedMap<String, LoraPair> layers = weights.layers(component);
            DiffusersSpelling spelling = DiffusersSpelling.of(component, layers.keySet());
            layers.forEach((layer, pair) -> {
                tensors.put(component + "." + spelling.down(layer), new Tensor(pair.downShape(), pair.down()));
                tensors.put(component + "." + spelling.up(layer), new Tensor(pair.upShape(), pair.up()));
            });
            AdapterConfig.of(weights, component)
                    .json(NEEDED, layers.keySet())
                    .properties()
                    .forEach(entry -> configs.set(component + "." + entry.getKey(), entry.getValue()));
        }
        Map<String, String> metadata = weights.metadata(LoraWeights.OWN_METADATA);
        metadata.put(FORMAT_KEY, "pt");
        metadata.put(CONFIG_KEY, StrictJson.indented(configs));
        files.write(target, tensors, writing.dtype(), metadata);
    }
}
