package org.imagerl.toolkit.lora.files;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraSummary;
import org.imagerl.spi.lora.TensorFile;

/** What a file whose layer names have dots says of its adapter without its base model, and which tools load it. */
final class DiffusersSummary {
    private final TensorFile file;
    private final AdapterTensors tensors;
    private final DottedNames names;
    private final Map<String, AdapterConfig> configs;

    DiffusersSummary(TensorFile file) {
        this.file = file;
        this.tensors = DiffusersLayout.tensors(file, layer -> layer);
        this.names = new DottedNames(file.path().toString(), tensors.paths(), BaseModules.unknown());
        this.configs = DiffusersLayout.configs(file, names);
    }

    LoraSummary summary() {
        SortedMap<String, Integer> layers = tensors.byComponent(names::component);
        List<String> tools = refusal().map(List::of).orElseGet(() -> tools(layers));
        return new LoraSummary(layers, tensors.ranks(), alphas(), tools);
    }

    private String alphas() {
        if (configs.isEmpty()) {
            return tensors.alphas();
        }
        if (tensors.hasAlphas()) {
            return range(tensors.paths());
        }
        Map<String, List<String>> byComponent = tensors.paths().stream()
                .collect(Collectors.groupingBy(this::component, TreeMap::new, Collectors.toList()));
        return byComponent.entrySet().stream()
                .map(part -> part.getKey() + " " + range(part.getValue()))
                .collect(Collectors.joining(", "));
    }

    private String component(String layer) {
        return names.component(layer).map(Component::folder).orElse("unknown component");
    }

    private String range(List<String> layers) {
        return LoraSummary.range(layers.stream().map(this::alpha).toList());
    }

    private double alpha(String layer) {
        return DiffusersLayout.alpha(file, layer, tensors, names, configs);
    }

    /** What the reader would say of a layer that it does not know; layers of a UNet's own code it knows with a checkpoint. */
    private Optional<String> refusal() {
        for (String layer : tensors.paths()) {
            if (names.component(layer).isEmpty()) {
                try {
                    names.target(layer);
                } catch (UserException e) {
                    return Optional.of("not loaded by imagerl: " + e.getMessage());
                }
            }
        }
        return Optional.empty();
    }

    /** Of names that imagerl writes, what {@link LoadingTools} says; of others, what the loaders of these tools look for. */
    private List<String> tools(SortedMap<String, Integer> layers) {
        boolean transformer = layers.containsKey(Component.TRANSFORMER.folder());
        if (file.names().stream().anyMatch(LoraKey::isXlabs)) {
            return List.of(
                    "loaded by: x-flux (XLabs), diffusers (load_lora_weights), imagerl",
                    "not by: A1111, kohya: export it in kohya layout for kohya and ComfyUI");
        }
        Set<DottedNames.Style> styles =
                tensors.paths().stream().map(DottedNames::style).collect(Collectors.toSet());
        if (styles.contains(DottedNames.Style.OWN)) {
            return List.of(
                    "loaded by: ComfyUI, imagerl" + (transformer ? "" : " (with its checkpoint)"),
                    "not by: A1111, kohya, diffusers: export it in the layout of the tool that is to load it");
        }
        if (styles.contains(DottedNames.Style.KOHYA_WITH_DOTS)) {
            return List.of(
                    "loaded by: OneTrainer, imagerl",
                    "not by: A1111, kohya, diffusers: export it in the layout of the tool that is to load it");
        }
        if (styles.contains(DottedNames.Style.BARE)) {
            return List.of(
                    "loaded by: diffusers (load_lora_adapter of the model itself, with prefix=None), imagerl",
                    "not by: ComfyUI, A1111, kohya, load_lora_weights: export it in kohya or diffusers layout for"
                            + " these");
        }
        boolean alphaIsRank = tensors.paths().stream()
                .allMatch(layer -> alpha(layer) == tensors.alpha(layer).orElse(tensors.rank(layer)));
        return LoadingTools.lines("diffusers", LoadingTools.family(layers, tensors.paths()), alphaIsRank);
    }
}
