package org.imagerl.spi;

import java.util.Map;

/**
 * A named algorithm: a recipe of parts with their settings, which a configuration can override part by part.
 *
 * @param name kebab case, as the field calls it: {@code ddpo}
 * @param description one line
 * @param citation authors, title, year, arXiv id
 * @param sections the {@code algorithm:} section of a configuration as it would be written: part name to its settings, each
 *     with a {@code type}
 */
public record Preset(String name, String description, String citation, Map<String, Map<String, Object>> sections) {
    public Preset {
        sections = Map.copyOf(sections);
    }
}
