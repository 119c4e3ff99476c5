package org.imagerl.toolkit.lora.files;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraSummary;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.spi.lora.TensorFile;
import org.imagerl.spi.lora.TensorFiles;
import org.imagerl.spi.lora.TensorFiles.Tensor;
import org.imagerl.spi.text.Quote;

/**
 * Kohya's layout: names with underscores for dots, an alpha tensor per layer, what is known of the training in {@code ss_} metadata. The model
 * says whether it is SD3 or FLUX, and how many text encoders there are; where the model is not known, the adapter says it.
 */
final class KohyaLayout implements LoraLayout {
    /** The beginning of the metadata keys of sd-scripts. */
    private static final String METADATA = "ss_";

    @Override
    public String name() {
        return "kohya";
    }

    @Override
    public String description() {
        return "one file with alphas: A1111, Forge, Invoke, ComfyUI, sd-scripts, diffusers (of SD3: ComfyUI,"
                + " sd-scripts)";
    }

    @Override
    public boolean recognises(Collection<String> names) {
        return names.stream().anyMatch(name -> LoraKey.isMatrix(LoraKey.kohya(name)));
    }

    /** @throws UserException if the file is damaged or incomplete, or the model has no such layers */
    @Override
    public LoraWeights read(Path path, Map<String, Shape> layers, TensorFiles files) {
        try (TensorFile file = files.open(path)) {
            return read(file, BaseModules.of(layers));
        }
    }

    private LoraWeights read(TensorFile file, BaseModules base) {
        String where = file.path().toString();
        KohyaNames names = new KohyaNames(base);
        AdapterTensors tensors = tensors(file, name -> names.target(where, name));
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

    private AdapterTensors tensors(TensorFile file, UnaryOperator<String> rename) {
        return AdapterTensors.of(file, name(), LoraKey::kohya, rename);
    }

    @Override
    public void write(Path target, LoraWeights weights, Writing writing, TensorFiles files) {
        BaseModules base = BaseModules.of(writing.layers());
        SortedMap<String, LoraPair> named = KohyaNames.named(target.toString(), weights, base);
        Map<String, Tensor> tensors = new TreeMap<>();
        named.forEach((name, pair) -> {
            tensors.put(name + ".lora_down.weight", new Tensor(pair.downShape(), pair.down()));
            tensors.put(name + ".lora_up.weight", new Tensor(pair.upShape(), pair.up()));
            tensors.put(name + ".alpha", Tensor.of(pair.alpha()));
        });
        Map<String, String> metadata = weights.metadata(LoraWeights.OWN_METADATA, METADATA, "modelspec.");
        String module = KohyaNames.family(target.toString(), weights, base)
                .map(JointNames::networkModule)
                .orElse("networks.lora");
        metadata.put("ss_network_module", module);
        metadata.put("ss_network_dim", common(named, LoraPair::rank));
        metadata.put("ss_network_alpha", common(named, LoraPair::alpha));
        metadata.putAll(shown(target, weights));
        files.write(target, tensors, writing.dtype(), metadata);
    }

    /** What A1111 and Invoke show of a file. */
    private static Map<String, String> shown(Path target, LoraWeights weights) {
        Map<String, String> shown = new TreeMap<>();
        shown.put("ss_output_name", String.valueOf(target.getFileName()).replaceFirst("\\.[^.]*$", ""));
        String seed = weights.metadata().get(LoraWeights.OWN_METADATA + "seed");
        if (seed != null) {
            shown.put("ss_seed", seed);
        }
        return shown;
    }

    /** The number that all layers have, or what sd-scripts writes when they differ. */
    private static String common(Map<String, LoraPair> named, Function<LoraPair, Object> value) {
        var values = named.values().stream().map(value).collect(Collectors.toSet());
        return values.size() == 1 ? String.valueOf(values.iterator().next()) : "Dynamic";
    }

    @Override
    public LoraSummary summary(TensorFile file, TensorFiles files) {
        AdapterTensors tensors = tensors(file, layer -> layer);
        SortedMap<String, Integer> layers = tensors.byComponent(KohyaLayout::component);
        List<String> tools = layers.containsKey(Component.TRANSFORMER.folder())
                ? ofTransformer(tensors.paths())
                : LoadingTools.lines(name(), LoadingTools.family(layers, tensors.paths()), false);
        return new LoraSummary(layers, tensors.ranks(), tensors.alphas(), tools);
    }

    private static Optional<Component> component(String layer) {
        if (KohyaTransformer.family(layer).isPresent()) {
            return Optional.of(Component.TRANSFORMER);
        }
        return List.of(Component.values()).stream()
                .filter(component -> component.kohyaPrefixes().stream().anyMatch(layer::startsWith))
                .findFirst();
    }

    /** The names of the models' own code, or those of diffusers with underscores, as OneTrainer writes them. */
    private static List<String> ofTransformer(List<String> layers) {
        Set<JointNames> families = layers.stream()
                .flatMap(layer -> KohyaTransformer.family(layer).stream())
                .collect(Collectors.toSet());
        if (families.isEmpty()) {
            return List.of("loaded by: ComfyUI, imagerl (with its checkpoint)", "not by: A1111, kohya");
        }
        return LoadingTools.lines("kohya", families.contains(JointNames.FLUX) ? "flux" : "sd3", false);
    }
}
