package org.imagerl.toolkit.lora.files;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.toolkit.safetensors.SafetensorsFile;

/** What there is to say of an adapter without its base model: layers, ranks, alphas, and the tools that load it. */
final class AdapterSummary {
    private final SafetensorsFile file;
    private final LoraLayout layout;
    private final AdapterTensors tensors;
    private final DottedNames names;

    private AdapterSummary(SafetensorsFile file, LoraLayout layout) {
        this.file = file;
        this.layout = layout;
        this.tensors = AdapterTensors.of(file, layout, layer -> layer);
        this.names = new DottedNames(file.path().toString(), tensors.paths(), BaseModules.unknown());
    }

    /** The lines to print. */
    static List<String> of(SafetensorsFile file, LoraLayout layout) {
        AdapterSummary summary = new AdapterSummary(file, layout);
        List<String> lines = new ArrayList<>();
        if (summary.tensors.paths().isEmpty()) {
            lines.add("layers: none");
            lines.addAll(BundledEmbeddings.note(file.names()));
            return lines;
        }
        lines.add("layers: " + summary.tensors.paths().size() + " (" + summary.layers() + ")");
        lines.add("rank: " + summary.ranks());
        lines.add("alpha: " + summary.alphas());
        lines.addAll(BundledEmbeddings.note(file.names()));
        lines.addAll(summary.tools());
        return lines;
    }

    private String layers() {
        Map<String, Long> counts = tensors.paths().stream()
                .collect(Collectors.groupingBy(this::component, TreeMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .map(count -> count.getKey() + " " + count.getValue())
                .collect(Collectors.joining(", "));
    }

    private String component(String layer) {
        return (layout == LoraLayout.KOHYA ? ofKohya(layer) : names.component(layer))
                .map(Component::folder)
                .orElse("unknown component");
    }

    private static Optional<Component> ofKohya(String layer) {
        if (KohyaTransformer.family(layer).isPresent()) {
            return Optional.of(Component.TRANSFORMER);
        }
        return List.of(Component.values()).stream()
                .filter(component -> component.kohyaPrefixes().stream().anyMatch(layer::startsWith))
                .findFirst();
    }

    private String ranks() {
        return range(tensors.paths().stream()
                .map(layer -> (double) tensors.rank(layer))
                .collect(Collectors.toSet()));
    }

    private String alphas() {
        Map<String, AdapterConfig> configs =
                layout == LoraLayout.DIFFUSERS ? DiffusersLayout.configs(file, names) : Map.of();
        if (tensors.paths().stream().anyMatch(layer -> tensors.alpha(layer).isPresent())) {
            return range(alphas(tensors.paths(), configs));
        }
        if (!configs.isEmpty()) {
            Map<String, List<String>> byComponent = tensors.paths().stream()
                    .collect(Collectors.groupingBy(this::component, TreeMap::new, Collectors.toList()));
            return byComponent.entrySet().stream()
                    .map(part -> part.getKey() + " " + range(alphas(part.getValue(), configs)))
                    .collect(Collectors.joining(", "));
        }
        return layout == LoraLayout.PEFT ? besideIt() : "not said: the rank is taken";
    }

    private Set<Double> alphas(List<String> layers, Map<String, AdapterConfig> configs) {
        return layers.stream()
                .map(layer -> DiffusersLayout.alpha(file, layer, tensors, names, configs))
                .collect(Collectors.toSet());
    }

    private String besideIt() {
        Path config = file.path().resolveSibling(PeftLayout.CONFIG_NAME);
        if (!Files.exists(config)) {
            return "unknown: " + PeftLayout.CONFIG_NAME + " is not beside the file";
        }
        String where = config.toString();
        AdapterConfig said = AdapterConfig.of(where, StrictJson.object(config));
        return range(
                tensors.paths().stream().map(layer -> said.alpha(where, layer)).collect(Collectors.toSet()));
    }

    private static String range(Set<Double> values) {
        TreeSet<Double> sorted = new TreeSet<>(values);
        String first = number(sorted.first());
        return sorted.size() == 1 ? first : first + " to " + number(sorted.last()) + ", by layer";
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : String.valueOf(value);
    }

    /** By what the loaders of these tools look for; see the class comment of {@link DiffusersSpelling} for diffusers. */
    private List<String> tools() {
        boolean transformer =
                tensors.paths().stream().anyMatch(layer -> component(layer).equals("transformer"));
        return switch (layout) {
            case DIFFUSERS -> refusal().map(List::of).orElseGet(() -> ofDots(transformer));
            case KOHYA ->
                transformer
                        ? ofKohyaTransformer()
                        : List.of("loaded by: ComfyUI, A1111, InvokeAI, kohya, diffusers (load_lora_weights), imagerl"
                                + " (with its checkpoint)");
            case PEFT ->
                List.of(
                        "loaded by: peft (PeftModel.from_pretrained), imagerl",
                        "not by: A1111, kohya: export it in kohya layout for these");
        };
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

    private List<String> ofDots(boolean transformer) {
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
        return transformer
                ? ofDiffusersTransformer()
                : List.of(
                        "loaded by: diffusers (load_lora_weights), imagerl",
                        "not by: ComfyUI, A1111, kohya: export it in kohya layout for these");
    }

    /** ComfyUI knows the names but not the metadata: without an alpha tensor it takes the rank. */
    private List<String> ofDiffusersTransformer() {
        Map<String, AdapterConfig> configs = DiffusersLayout.configs(file, names);
        boolean full = tensors.paths().stream()
                .allMatch(layer -> DiffusersLayout.alpha(file, layer, tensors, names, configs)
                        == tensors.alpha(layer).orElse(tensors.rank(layer)));
        return full
                ? List.of(
                        "loaded by: diffusers (load_lora_weights), ComfyUI, imagerl",
                        "not by: A1111, kohya: export it in kohya layout for kohya")
                : List.of(
                        "loaded by: diffusers (load_lora_weights), imagerl",
                        "at another strength by: ComfyUI, which does not read the alpha in the metadata: export it in"
                                + " kohya layout for it",
                        "not by: A1111, kohya: export it in kohya layout for kohya");
    }

    /** The names of the models' own code, or those of diffusers with underscores, as OneTrainer writes them. */
    private List<String> ofKohyaTransformer() {
        Set<JointNames> families = tensors.paths().stream()
                .flatMap(layer -> KohyaTransformer.family(layer).stream())
                .collect(Collectors.toSet());
        if (families.isEmpty()) {
            return List.of("loaded by: ComfyUI, imagerl (with its checkpoint)", "not by: A1111, kohya");
        }
        return families.contains(JointNames.FLUX)
                ? List.of(
                        "loaded by: ComfyUI, kohya, diffusers (load_lora_weights), imagerl (with its checkpoint)",
                        "not by: A1111")
                : List.of(
                        "loaded by: ComfyUI, kohya, imagerl (with its checkpoint)",
                        "not by: A1111, diffusers: export it in diffusers layout for diffusers");
    }
}
