package org.imagerl.training.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.imagerl.config.Node;
import org.imagerl.config.RecordNodes;
import org.jspecify.annotations.Nullable;

/** The section {@code optimiser} has the settings of its type beside keys that go with every type: those stay where the type changes. */
final class OptimiserLayer {
    private static final String SECTION = "optimiser";
    private static final String TYPE = "type";

    /** The type that presets mean, which do not say it. */
    private static final String PRESETS = "adamw";

    /** These have the same settings. */
    private static final Set<String> ADAMW = Set.of(PRESETS, "adamw-8bit");

    private OptimiserLayer() {}

    /** The settings beneath a configuration for the type of its optimiser; settings of another type are left out. */
    static Node.Section beneath(Node.Section upper, Node.Section lower) {
        if (!(upper.entries().get(SECTION) instanceof Node.Section own)
                || !(lower.entries().get(SECTION) instanceof Node.Section below)) {
            return lower;
        }
        Node type = own.entries().get(TYPE);
        if (type == null) {
            return lower;
        }
        Map<String, Node> kept = new LinkedHashMap<>(below.entries());
        if (!sameSettings(Objects.requireNonNullElse(below.text(TYPE), PRESETS), own.text(TYPE))) {
            kept.keySet().retainAll(RecordNodes.keys(OptimiserConfig.class));
        }
        kept.put(TYPE, type);
        Map<String, Node> sections = new LinkedHashMap<>(lower.entries());
        sections.put(SECTION, new Node.Section(kept, below.origin()));
        return new Node.Section(sections, lower.origin());
    }

    private static boolean sameSettings(String type, @Nullable String other) {
        return type.equals(other) || (other != null && ADAMW.contains(type) && ADAMW.contains(other));
    }
}
