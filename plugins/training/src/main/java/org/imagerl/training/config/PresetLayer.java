package org.imagerl.training.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.config.Node;
import org.imagerl.config.Origin;
import org.imagerl.config.RecordNodes;
import org.imagerl.spi.Preset;

/** What a preset lays between the defaults and a file: its parts, what it says of rollouts, and the settings of the published runs. */
final class PresetLayer {
    /** The strength of adapters is alpha / rank: half of that pair from the file and half from the preset would be a strength that nobody chose. */
    private static final List<String> STRENGTH = List.of("rank", "alpha");

    private PresetLayer() {}

    /** The layer beneath a file, whose short forms are written out. */
    static Node.Section beneath(Node.Section file, Preset preset) {
        Origin origin = Origin.preset(preset.name());
        Map<String, Node> sections = new LinkedHashMap<>();
        preset.run().forEach((name, settings) -> sections.put(name, RecordNodes.node(settings, origin)));
        over(sections, "algorithm", RecordNodes.node(preset.sections(), origin));
        over(sections, "rollout", RecordNodes.node(preset.rollout(), origin));
        if (!(file.entries().get("evaluation") instanceof Node.Section)) {
            sections.remove("evaluation"); // which needs prompts that only the file can name
        }
        if (sections.get("tuning") instanceof Node.Section published
                && file.entries().get("tuning") instanceof Node.Section own
                && STRENGTH.stream().anyMatch(own.entries()::containsKey)) {
            sections.put("tuning", without(published, STRENGTH));
        }
        return new Node.Section(sections, origin);
    }

    private static void over(Map<String, Node> sections, String name, Node upper) {
        sections.put(name, Node.overlay(sections.get(name), upper));
    }

    private static Node.Section without(Node.Section section, List<String> keys) {
        Map<String, Node> entries = new LinkedHashMap<>(section.entries());
        entries.keySet().removeAll(keys);
        return new Node.Section(entries, section.origin());
    }
}
