package org.imagerl.spi;

import java.util.Map;

/**
 * What an image is asked for.
 *
 * @param id groups are formed by this, never by the text; unique in a prompt list
 * @param text the prompt
 * @param metadata further fields of the prompt file, by name (for instance {@code text}, the string that OCR should find)
 */
public record Prompt(String id, String text, Map<String, String> metadata) {
    /** The field of {@link #metadata} that says what guidance leads away from, for this prompt alone. */
    public static final String NEGATIVE = "negative_prompt";

    public Prompt {
        metadata = Map.copyOf(metadata);
    }

    /**
     * The negative prompt, from which guidance leads away.
     *
     * @param other for prompts that do not say it themselves
     */
    public String negative(String other) {
        return metadata.getOrDefault(NEGATIVE, other);
    }

    /** A prompt without metadata. */
    public static Prompt of(String id, String text) {
        return new Prompt(id, text, Map.of());
    }
}
