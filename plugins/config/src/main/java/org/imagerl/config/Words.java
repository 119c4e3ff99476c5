package org.imagerl.config;

import java.util.Locale;

/** Names as they are written in files. */
public final class Words {
    private Words() {}

    /** {@code samplesPerPrompt} to {@code samples_per_prompt}. */
    public static String snake(String camel) {
        return camel.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    /** An enum constant as a value: {@code REINFORCE_ONLY} to {@code reinforce-only}. */
    static String kebab(Enum<?> constant) {
        return kebab(constant.name());
    }

    /** The name of an enum constant as a value. */
    static String kebab(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A record of a closed choice as a {@code type}: {@code LowRank} to {@code low-rank}. */
    static String kebab(Class<?> choice) {
        return snake(choice.getSimpleName()).replace('_', '-');
    }

    /** Joins the path of a section and a key. */
    public static String path(String section, String key) {
        return section.isEmpty() ? key : section + "." + key;
    }
}
