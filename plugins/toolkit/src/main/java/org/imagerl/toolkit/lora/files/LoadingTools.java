package org.imagerl.toolkit.lora.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * Which tools load a LoRA in a layout that imagerl writes. The values are those that {@code src/test/compat/interop} found with the tools
 * themselves, and of which docs/compatibility.md is made.
 */
final class LoadingTools {
    private static final List<Entry> TABLE = table();

    private LoadingTools() {}

    /** What a tool made of a file. */
    enum Verdict {
        LOADS,
        /** All layers, but alpha is taken to be the rank. */
        STRENGTH,
        /** Some layers alone. */
        PART,
        /** All names are known; the weights were not compared. */
        NAMES,
        REFUSES
    }

    /**
     * A value of the table.
     *
     * @param layout {@code diffusers}, {@code kohya}, {@code peft}, {@code merged}, {@code single}
     * @param family {@code sd}, {@code sdxl}, {@code sd3}, {@code flux}
     * @param tool {@code diffusers}, {@code peft}, {@code comfyui}, {@code kohya}
     * @param verdict what it made of it
     */
    record Entry(String layout, String family, String tool, Verdict verdict) {}

    private static List<Entry> table() {
        try (InputStream in = LoadingTools.class.getResourceAsStream("compatibility.csv")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().skip(1).map(LoadingTools::entry).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Entry entry(String line) {
        String[] cells = line.split(",");
        return new Entry(cells[0], cells[1], cells[2], Verdict.valueOf(cells[3].toUpperCase(Locale.ROOT)));
    }

    /**
     * The lines to print.
     *
     * @param layout its name
     * @param family of the layers
     * @param alphaIsRank whether alpha is the rank in all layers, so that it need not be read
     */
    static List<String> lines(String layout, String family, boolean alphaIsRank) {
        List<String> loads = new ArrayList<>();
        Set<String> strength = new TreeSet<>();
        Set<String> part = new TreeSet<>();
        Set<String> refuses = new TreeSet<>();
        for (Entry entry : TABLE) {
            if (entry.layout().equals(layout) && entry.family().equals(family)) {
                switch (entry.verdict()) {
                    case LOADS, NAMES -> loads.add(call(entry.tool()));
                    case STRENGTH -> (alphaIsRank ? loads : strength).add(title(entry.tool()));
                    case PART -> part.add(title(entry.tool()));
                    case REFUSES -> refuses.add(title(entry.tool()));
                }
            }
        }
        loads.add(layout.equals("kohya") ? "imagerl (with its checkpoint)" : "imagerl");
        refuses.removeIf(tool -> tool.equals("PEFT") && !layout.equals("peft")); // nobody expects it to
        List<String> lines = new ArrayList<>();
        lines.add("loaded by: " + String.join(", ", loads));
        add(lines, "at another strength by: ", strength, ", which takes the rank for alpha");
        add(lines, "in part by: ", part, ", which does not know its names of attention layers");
        add(lines, "not by: ", refuses, "");
        if (!(strength.isEmpty() && part.isEmpty() && refuses.isEmpty())) {
            lines.add("for these: imagerl export in the layout that docs/compatibility.md names");
        }
        return lines;
    }

    /** By the layers alone, whose names have dots: of UNets, those with two text encoders are of SDXL. */
    static String family(SortedMap<String, Integer> components, Collection<String> layers) {
        if (components.containsKey(Component.TRANSFORMER.folder())) {
            return layers.stream().anyMatch(layer -> layer.contains("single_transformer_blocks.")) ? "flux" : "sd3";
        }
        return components.containsKey(Component.TEXT_ENCODER_2.folder()) ? "sdxl" : "sd";
    }

    private static void add(List<String> lines, String before, Set<String> tools, String after) {
        if (!tools.isEmpty()) {
            lines.add(before + String.join(", ", tools) + after);
        }
    }

    private static String title(String tool) {
        return switch (tool) {
            case "comfyui" -> "ComfyUI";
            case "kohya" -> "sd-scripts";
            case "peft" -> "PEFT";
            default -> tool;
        };
    }

    private static String call(String tool) {
        return switch (tool) {
            case "diffusers" -> "diffusers (load_lora_weights)";
            case "peft" -> "PEFT (PeftModel.from_pretrained)";
            default -> title(tool);
        };
    }
}
