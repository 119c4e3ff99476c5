package org.imagerl.spi;

import java.util.Map;

/**
 * A named algorithm: a recipe of parts with their settings, which a configuration can override part by part.
 *
 * @param name kebab case, as the field calls it: {@code ddpo}
 * @param description one line
 * @param citation authors, title, year, arXiv id
 * @param sections the {@code algorithm:} section of a configuration as it would be written: part name to its settings, each
 *     with a {@code type}, and numbers
 * @param rollout what the algorithm says of the {@code rollout:} section, as it would be written; empty for algorithms that go with any
 * @param run the settings of the published runs, by section as they would be written: {@code {rollout: {steps: 14}, tuning: {type: lora, rank:
 *     32}, optimiser: {updates_per_epoch: 1}}}. They lie above the defaults and beneath the file. Of {@code evaluation} they say something only
 *     where the file has that section
 */
public record Preset(
        String name,
        String description,
        String citation,
        Map<String, Object> sections,
        Map<String, Object> rollout,
        Map<String, Map<String, Object>> run) {
    public Preset {
        sections = Map.copyOf(sections);
        rollout = Map.copyOf(rollout);
        run = Map.copyOf(run);
    }

    /** An algorithm that says nothing of the published runs. */
    public Preset(String name, String description, String citation, Map<String, ?> sections, Map<String, ?> rollout) {
        this(name, description, citation, Map.copyOf(sections), Map.copyOf(rollout), Map.of());
    }

    /** An algorithm that goes with any rollout. */
    public Preset(String name, String description, String citation, Map<String, ?> sections) {
        this(name, description, citation, Map.copyOf(sections), Map.of(), Map.of());
    }
}
