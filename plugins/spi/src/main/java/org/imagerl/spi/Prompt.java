package org.imagerl.spi;

import java.util.Map;

/**
 * What a picture is asked for.
 *
 * @param id groups are formed by this, never by the text; unique in a prompt list
 * @param text the prompt
 * @param metadata further fields of the prompt file, by name (for instance {@code text}, the string that OCR should find)
 */
public record Prompt(String id, String text, Map<String, String> metadata) {
    public Prompt {
        metadata = Map.copyOf(metadata);
    }

    /** A prompt without metadata. */
    public static Prompt of(String id, String text) {
        return new Prompt(id, text, Map.of());
    }
}
