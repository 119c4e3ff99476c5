package org.imagerl.toolkit.lora.files;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.lora.LoraSummary;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.original.ModelKind;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.TensorEntry;
import org.imagerl.toolkit.safetensors.WeightVariant;
import tools.jackson.databind.node.ObjectNode;

/**
 * Describes for people what a safetensors file or a folder is, and which tools load it. Reads headers and single
 * numbers only.
 *
 * @param path what was looked at
 * @param what the kind, in a few words
 * @param lines facts, a line each
 */
public record Inspection(Path path, String what, List<String> lines) {
    private static final int MAX_METADATA = 20;

    /** Copies the lines. */
    public Inspection {
        lines = List.copyOf(lines);
    }

    /**
     * Looks at a file or a folder.
     *
     * @param loras the layouts of adapters that are known
     * @throws UserException if there is no such thing, or it is damaged
     */
    public static Inspection of(Path path, LoraFiles loras) {
        if (!Files.isDirectory(path)) {
            return file(path, loras);
        }
        if (Files.exists(path.resolve("model_index.json"))) {
            return checkpoint(path);
        }
        return loras.ofFolder(path)
                .map(layout -> adapter(path, layout, loras))
                .orElseGet(() -> file(onlyFile(path), loras));
    }

    /**
     * What to say, after "is", of a file that was named as a checkpoint and is none; empty if it is of no known kind.
     *
     * @throws UserException if it is damaged
     */
    public static Optional<String> asCheckpoint(Path path, LoraFiles loras) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            return UnsupportedAdapters.in(file)
                    .map(kind -> "an adapter: " + kind.message())
                    .or(() -> loras.layout(file).map(Inspection::asCheckpoint))
                    .or(() -> ModelKind.of(file).asCheckpoint());
        }
    }

    private static String asCheckpoint(LoraLayout layout) {
        return "a LoRA in " + layout.name()
                + " layout; name the checkpoint that it was trained on, and this file beside"
                + " it: sample --lora FILE makes images with both, export FILE --merge one checkpoint of them";
    }

    private static Path onlyFile(Path folder) {
        for (String name : List.of("diffusion_pytorch_model.safetensors", "model.safetensors")) {
            if (Files.exists(folder.resolve(name))) {
                return folder.resolve(name);
            }
        }
        return LoraFiles.file(folder);
    }

    private static Inspection file(Path path, LoraFiles loras) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            List<String> lines = new ArrayList<>();
            String what = describe(file, lines, loras);
            lines.add("tensors: " + sizes(file.entries()));
            lines.addAll(metadata(file.metadata()));
            return new Inspection(path, what, lines);
        }
    }

    private static String describe(SafetensorsFile file, List<String> lines, LoraFiles loras) {
        var unsupported = UnsupportedAdapters.in(file);
        if (unsupported.isPresent()) {
            lines.add(unsupported.get().message());
            return "an adapter that is not supported";
        }
        var layout = loras.layout(file);
        if (layout.isPresent()) {
            LoraSummary summary = layout.get().summary(file, LoraFiles.FILES);
            lines.addAll(describe(summary, BundledEmbeddings.note(file.names())));
            return "a LoRA in " + layout.get().name() + " layout";
        }
        ModelKind kind = ModelKind.of(file);
        lines.addAll(kind.details(file));
        return kind.what();
    }

    private static List<String> describe(LoraSummary summary, List<String> notes) {
        List<String> lines = new ArrayList<>();
        int count =
                summary.layers().values().stream().mapToInt(layers -> layers).sum();
        if (count == 0) {
            lines.add("layers: none");
            lines.addAll(notes);
            return lines;
        }
        String parts = summary.layers().entrySet().stream()
                .map(component -> component.getKey() + " " + component.getValue())
                .collect(Collectors.joining(", "));
        lines.add("layers: " + count + " (" + parts + ")");
        lines.add("rank: " + summary.ranks());
        lines.add("alpha: " + summary.alphas());
        lines.addAll(notes);
        lines.addAll(summary.tools());
        return lines;
    }

    private static Inspection adapter(Path folder, LoraLayout layout, LoraFiles loras) {
        List<String> lines = new ArrayList<>();
        layout.files(folder).stream()
                .filter(file -> file.toString().endsWith(".safetensors"))
                .forEach(file -> {
                    Inspection weights = file(file, loras);
                    lines.add(folder.relativize(file) + ": " + weights.what());
                    lines.addAll(weights.lines());
                });
        return new Inspection(folder, "an adapter folder in " + layout.name() + " layout", lines);
    }

    private static Inspection checkpoint(Path folder) {
        ObjectNode index = StrictJson.object(folder.resolve("model_index.json"));
        List<String> lines = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        index.properties().forEach(entry -> {
            String kind = entry.getValue().path(1).asString("");
            if (!entry.getKey().startsWith("_") && !kind.isEmpty()) {
                lines.add(Quote.of(entry.getKey()) + ": " + Quote.of(kind) + weights(folder, entry.getKey(), missing));
            }
        });
        String name = index.path("_class_name").asString("?");
        lines.add(
                missing.isEmpty()
                        ? "loaded by: diffusers (DiffusionPipeline.from_pretrained" + arguments(folder, name, index)
                                + ")"
                        : "not loaded by diffusers: " + String.join("; ", missing));
        return new Inspection(folder, "a checkpoint folder in diffusers layout, " + Quote.of(name), lines);
    }

    /** What {@code from_pretrained} of diffusers must be given for the folder. */
    private static String arguments(Path folder, String pipeline, ObjectNode index) {
        List<String> arguments = new ArrayList<>();
        boolean half = index.propertyNames().stream()
                .filter(name -> Component.named(name).isPresent() || name.equals("vae"))
                .anyMatch(name -> BaseModules.variant(name, folder.resolve(name)) == WeightVariant.FP16);
        if (half) {
            arguments.add("variant=\"fp16\"");
        }
        if (pipeline.equals("StableDiffusion3Pipeline")
                && index.path("text_encoder_3").path(1).asString("").isEmpty()) {
            arguments.add("text_encoder_3=None, tokenizer_3=None");
        }
        return arguments.isEmpty() ? "" : " with " + String.join(", ", arguments);
    }

    /** @param missing takes what a pipeline cannot do without */
    private static String weights(Path folder, String component, List<String> missing) {
        if (!Files.isDirectory(folder.resolve(component))) {
            missing.add("there is no folder " + Quote.of(component));
            return "";
        }
        if (Component.named(component).isEmpty() && !component.equals("vae")) {
            return "";
        }
        Path weights = folder.resolve(component);
        try {
            String variant = BaseModules.variant(component, weights) == WeightVariant.FP16 ? ", variant fp16" : "";
            return ", " + sizes(BaseModules.entries(component, weights)) + variant;
        } catch (UserException e) {
            missing.add(Quote.of(component) + " has no weights that can be read");
            return ", no weights that can be read: " + e.getMessage();
        }
    }

    /** "686 F32, 3,438,167,540 bytes": how many tensors of each type, and their size. */
    private static String sizes(List<TensorEntry> entries) {
        Map<String, Long> counts = entries.stream()
                .collect(Collectors.groupingBy(entry -> entry.dtype().name(), TreeMap::new, Collectors.counting()));
        String types = counts.entrySet().stream()
                .map(count -> count.getValue() + " " + count.getKey())
                .collect(Collectors.joining(" + "));
        long bytes = entries.stream().mapToLong(TensorEntry::bytes).sum();
        return (types.isEmpty() ? "none" : types) + String.format(Locale.ROOT, ", %,d bytes", bytes);
    }

    private static List<String> metadata(Map<String, String> metadata) {
        List<String> lines = new ArrayList<>();
        metadata.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(DiffusersLayout.CONFIG_KEY))
                .limit(MAX_METADATA)
                .forEach(
                        entry -> lines.add("metadata " + Quote.of(entry.getKey()) + ": " + Quote.of(entry.getValue())));
        if (metadata.size() > MAX_METADATA) {
            lines.add("metadata: " + (metadata.size() - MAX_METADATA) + " more keys");
        }
        return lines;
    }
}
