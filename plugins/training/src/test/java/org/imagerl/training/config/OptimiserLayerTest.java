package org.imagerl.training.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.imagerl.config.Node;
import org.imagerl.config.Origin;
import org.junit.jupiter.api.Test;

class OptimiserLayerTest {
    private static Node.Section file(String type) {
        return section(Map.of("optimiser", section(Map.of("type", Node.text(type, Origin.DEFAULT)))));
    }

    private static Node.Section preset() {
        return section(Map.of(
                "optimiser",
                section(Map.of(
                        "weight_decay",
                        Node.text("0.1", Origin.DEFAULT),
                        "micro_batch",
                        Node.text("2", Origin.DEFAULT)))));
    }

    private static Node.Section section(Map<String, Node> entries) {
        return new Node.Section(entries, Origin.DEFAULT);
    }

    private static Map<String, Node> kept(String type) {
        return ((Node.Section)
                        OptimiserLayer.beneath(file(type), preset()).entries().get("optimiser"))
                .entries();
    }

    @Test
    void settingsOfAPresetAreThoseOfAdamWAndOfItsEightBitForm() {
        assertThat(kept("adamw")).containsOnlyKeys("type", "weight_decay", "micro_batch");
        assertThat(kept("adamw-8bit")).containsOnlyKeys("type", "weight_decay", "micro_batch");
        assertThat(kept("other")).containsOnlyKeys("type", "micro_batch");
    }
}
