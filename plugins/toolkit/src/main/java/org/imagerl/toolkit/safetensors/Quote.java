package org.imagerl.toolkit.safetensors;

import java.util.Locale;

/** Words of a stranger's file as they may stand in a message: quoted, short, and without control characters. */
public final class Quote {
    private static final int MAX_CHARACTERS = 160;

    private Quote() {}

    /** The text in double quotes; control characters escaped (a terminal would obey them), long texts cut in the middle. */
    public static String of(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        shorten(text).chars().forEach(c -> append(quoted, (char) c));
        return quoted.append('"').toString();
    }

    private static String shorten(String text) {
        int half = MAX_CHARACTERS / 2;
        return text.length() <= MAX_CHARACTERS
                ? text
                : text.substring(0, half) + "..." + text.substring(text.length() - half);
    }

    private static void append(StringBuilder quoted, char c) {
        if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
            quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
        } else {
            quoted.append(c);
        }
    }
}
