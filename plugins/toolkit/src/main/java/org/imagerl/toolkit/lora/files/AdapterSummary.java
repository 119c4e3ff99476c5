package org.imagerl.toolkit.lora.files;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.StrictJson;

/** What there is to say of an adapter without its base model: layers, ranks, alphas, and the tools that load it. */
final class AdapterSummary {
    private final SafetensorsFile file;
    private final LoraLayout layout;
    private final AdapterTensors tensors;

    private AdapterSummary(SafetensorsFile file, LoraLayout layout) {
        this.file = file;
        this.layout = layout;
        this.tensors = AdapterTensors.of(file, layout, layer -> layer);
    }

    /** The lines to print. */
    static List<String> of(SafetensorsFile file, LoraLayout layout) {
        AdapterSummary summary = new AdapterSummary(file, layout);
        List<String> lines = new ArrayList<>();
        lines.add("layers: " + summary.tensors.paths().size() + " (" + summary.layers() + ")");
        lines.add("rank: " + summary.ranks());
        lines.add("alpha: " + summary.alphas());
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
        if (layout == LoraLayout.KOHYA) {
            if (KohyaTransformer.family(layer).isPresent()) {
                return Component.TRANSFORMER.folder();
            }
            return List.of(Component.values()).stream()
                    .filter(component -> component.kohyaPrefixes().stream().anyMatch(layer::startsWith))
                    .map(Component::folder)
                    .findFirst()
                    .orElse("unknown component");
        }
        String first = layer.split("\\.", 2)[0];
        return Component.named(first)
                .map(Component::folder)
                .or(() -> Component.guess(layer).map(path -> Component.of(path).folder()))
                .orElse("unknown component");
    }

    private String ranks() {
        return range(tensors.paths().stream()
                .map(layer -> (double) tensors.rank(layer))
                .collect(Collectors.toSet()));
    }

    private String alphas() {
        Set<Double> inTensors = new TreeSet<>();
        tensors.paths().forEach(layer -> tensors.alpha(layer).ifPresent(inTensors::add));
        if (!inTensors.isEmpty()) {
            return range(inTensors);
        }
        return switch (layout) {
            case DIFFUSERS -> inMetadata();
            case PEFT -> besideIt();
            case KOHYA -> "not said: the rank is taken";
        };
    }

    private String inMetadata() {
        Map<String, AdapterConfig> configs = DiffusersLayout.configs(file);
        if (configs.isEmpty()) {
            return "not said: the rank is taken";
        }
        return configs.entrySet().stream()
                .map(config -> config.getKey() + " "
                        + config.getValue().json().path("lora_alpha").asString())
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private String besideIt() {
        Path config = file.path().resolveSibling(PeftLayout.CONFIG_NAME);
        return Files.exists(config)
                ? StrictJson.object(config).path("lora_alpha").asString("not said")
                : "unknown: " + PeftLayout.CONFIG_NAME + " is not beside the file";
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
            case DIFFUSERS ->
                transformer
                        ? ofDiffusersTransformer()
                        : List.of(
                                "loaded by: diffusers (load_lora_weights), imagerl",
                                "not by: ComfyUI, A1111, kohya: export it in kohya layout for these");
            case KOHYA ->
                transformer
                        ? ofKohyaTransformer()
                        : List.of(
                                "loaded by: ComfyUI, A1111, InvokeAI, kohya, diffusers (load_lora_weights), imagerl (with its"
                                        + " checkpoint)");
            case PEFT ->
                List.of(
                        "loaded by: peft (PeftModel.from_pretrained), imagerl",
                        "not by: A1111, kohya: export it in kohya layout for these");
        };
    }

    /** ComfyUI knows the names but not the metadata: without an alpha tensor it takes the rank. */
    private List<String> ofDiffusersTransformer() {
        Map<String, AdapterConfig> configs = DiffusersLayout.configs(file);
        boolean full = tensors.paths().stream()
                .allMatch(layer -> DiffusersLayout.alpha(file, layer, tensors, configs)
                        == tensors.alpha(layer).orElse(tensors.rank(layer)));
        return full
                ? List.of(
                        "loaded by: diffusers (load_lora_weights), ComfyUI, imagerl",
                        "not by: A1111, kohya: export it in kohya layout for kohya")
                : List.of(
                        "loaded by: diffusers (load_lora_weights), imagerl",
                        "at another strength by: ComfyUI, which does not read the alpha in the metadata: export it in kohya"
                                + " layout for it",
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
