package org.imagerl.toolkit.lora.files;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraSummary;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.spi.lora.TensorFile;
import org.imagerl.spi.lora.TensorFiles;
import org.imagerl.spi.lora.TensorFiles.Tensor;
import org.imagerl.spi.text.Quote;

/**
 * PEFT's layout: a folder with a configuration and a weight file for one component, or one such folder per component, named
 * like it. The files of one component do not say which it is: the base model does, or the names of the layers.
 */
final class PeftLayout implements LoraLayout {
    /** The beginning of all keys. */
    static final String PREFIX = "base_model.model.";

    /** The weight file of a folder. */
    static final String FILE_NAME = "adapter_model.safetensors";

    /** The configuration of a folder. */
    static final String CONFIG_NAME = "adapter_config.json";

    /** Keys without which {@code PeftModel.from_pretrained} refuses a configuration. */
    private static final List<String> NEEDED = List.of("peft_type", "target_modules");

    @Override
    public String name() {
        return "peft";
    }

    @Override
    public String description() {
        return "a folder with adapter_config.json and adapter_model.safetensors: PEFT, imagerl";
    }

    @Override
    public boolean recognises(Collection<String> names) {
        return names.stream().anyMatch(name -> LoraKey.isMatrix(LoraKey.peft(name)));
    }

    @Override
    public boolean folder() {
        return true;
    }

    @Override
    public List<Path> files(Path path) {
        if (Files.isDirectory(path)) {
            return folders(path).stream()
                    .flatMap(folder -> Stream.of(CONFIG_NAME, FILE_NAME).map(folder::resolve))
                    .filter(Files::isRegularFile)
                    .toList();
        }
        return Stream.of(path, path.resolveSibling(CONFIG_NAME))
                .filter(Files::isRegularFile)
                .toList();
    }

    /** Whether a folder holds the adapter of one component. */
    private static boolean isSingle(Path folder) {
        return Files.exists(folder.resolve(CONFIG_NAME));
    }

    /** The folders of an adapter: the folder itself, or those in it that are named like components; empty if there are none. */
    private static List<Path> folders(Path folder) {
        if (isSingle(folder)) {
            return List.of(folder);
        }
        return List.of(Component.values()).stream()
                .map(component -> folder.resolve(component.folder()))
                .filter(PeftLayout::isSingle)
                .toList();
    }

    /** @throws UserException if a file is missing, damaged or incomplete, or its layers are of no known component */
    @Override
    public LoraWeights read(Path path, Map<String, Shape> layers, TensorFiles files) {
        Path folder = Files.isDirectory(path) ? path : folderOf(path);
        BaseModules base = BaseModules.of(layers);
        SortedMap<String, LoraPair> pairs = new TreeMap<>();
        Map<String, String> configs = new TreeMap<>();
        SortedMap<String, String> metadata = new TreeMap<>();
        for (Path one : folders(folder)) {
            Optional<Component> named =
                    one.equals(folder) ? Optional.empty() : Component.named(String.valueOf(one.getFileName()));
            LoraWeights part = readSingle(one, named, base, files);
            pairs.putAll(part.pairs());
            configs.putAll(part.configs());
            metadata.putAll(part.metadata());
        }
        return new LoraWeights(pairs, configs, metadata);
    }

    private static Path folderOf(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        boolean whole = folder != null && isSingle(folder) && file.endsWith(FILE_NAME);
        if (folder == null || !whole) {
            throw UserException.input(file + ": is the weight file of a PEFT adapter; its alpha is in the "
                    + CONFIG_NAME + " that belongs beside it: put both into one folder, the weights as " + FILE_NAME);
        }
        return folder;
    }

    private LoraWeights readSingle(Path folder, Optional<Component> named, BaseModules base, TensorFiles files) {
        Path configFile = folder.resolve(CONFIG_NAME);
        AdapterConfig config = AdapterConfig.of(configFile.toString(), StrictJson.object(configFile));
        try (TensorFile file = open(folder, files)) {
            AdapterTensors tensors = tensors(file);
            Component component = named.orElseGet(() -> component(file.path().toString(), tensors.paths(), base));
            SortedMap<String, LoraPair> pairs = new TreeMap<>();
            for (String layer : tensors.paths()) {
                double alpha = config.checkedAlpha(configFile.toString(), layer, tensors.rank(layer));
                pairs.put(component.path(layer), tensors.load(layer, alpha));
            }
            SortedMap<String, String> metadata = new TreeMap<>(file.metadata());
            metadata.remove("format");
            return new LoraWeights(pairs, AdapterConfig.texts(Map.of(component.folder(), config)), metadata);
        }
    }

    private AdapterTensors tensors(TensorFile file) {
        return AdapterTensors.of(file, name(), LoraKey::peft, layer -> layer);
    }

    private static TensorFile open(Path folder, TensorFiles files) {
        Path pickle = folder.resolve("adapter_model.bin");
        Path file = folder.resolve(FILE_NAME);
        return files.open(Files.exists(pickle) && !Files.exists(file) ? pickle : file);
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

    /** Into the folder itself if the adapter has one component, else into a folder in it for each. */
    @Override
    public void write(Path target, LoraWeights weights, Writing writing, TensorFiles files) {
        for (String component : weights.components()) {
            Path folder = weights.components().size() == 1 ? target : target.resolve(component);
            writeSingle(folder, component, weights, writing.dtype(), files);
        }
    }

    private static void writeSingle(
            Path folder, String component, LoraWeights weights, DataType dtype, TensorFiles files) {
        Map<String, Tensor> tensors = new TreeMap<>();
        weights.layers(component).forEach((layer, pair) -> {
            tensors.put(PREFIX + layer + ".lora_A.weight", new Tensor(pair.downShape(), pair.down()));
            tensors.put(PREFIX + layer + ".lora_B.weight", new Tensor(pair.upShape(), pair.up()));
        });
        Map<String, String> metadata = weights.metadata(LoraWeights.OWN_METADATA);
        metadata.put("format", "pt");
        files.write(folder.resolve(FILE_NAME), tensors, dtype, metadata);
        // The configuration makes the folder an adapter: it comes last.
        AtomicFile.writeText(
                folder.resolve(CONFIG_NAME),
                StrictJson.indented(AdapterConfig.of(weights, component)
                        .json(NEEDED, weights.layers(component).keySet())));
    }

    @Override
    public LoraSummary summary(TensorFile file, TensorFiles files) {
        AdapterTensors tensors = tensors(file);
        DottedNames names = new DottedNames(file.path().toString(), tensors.paths(), BaseModules.unknown());
        return new LoraSummary(
                tensors.byComponent(names::component),
                tensors.ranks(),
                tensors.hasAlphas() ? tensors.alphas() : besideIt(file.path(), tensors),
                LoadingTools.lines(
                        name(), LoadingTools.family(tensors.byComponent(names::component), tensors.paths()), false));
    }

    private static String besideIt(Path file, AdapterTensors tensors) {
        Path config = file.resolveSibling(CONFIG_NAME);
        if (!Files.exists(config)) {
            return "unknown: " + CONFIG_NAME + " is not beside the file";
        }
        String where = config.toString();
        AdapterConfig given = AdapterConfig.of(where, StrictJson.object(config));
        return LoraSummary.range(
                tensors.paths().stream().map(layer -> given.alpha(where, layer)).toList());
    }
}
