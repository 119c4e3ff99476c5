package org.imagerl.spi.text;

import java.util.Locale;

/**
 * Words of a stranger's file as they may stand in a message: without what a terminal would obey or what would change the order of the
 * letters around it.
 */
public final class Quote {
    private static final int MAX_CHARACTERS = 160;

    private Quote() {}

    /** The text in double quotes, {@link #plain}, long texts cut in the middle; its own double quotes with a backslash before them. */
    public static String of(String text) {
        return '"' + unquoted(text).replace("\"", "\\\"") + '"';
    }

    /** The text without quotes, long texts cut in the middle: for numbers and for values that have quotes of their own. */
    public static String unquoted(String text) {
        return plain(shorten(text));
    }

    /**
     * The text without quotes and whole, for places that are not in a sentence: control characters, line and paragraph separators,
     * invisible format characters (the directions of text are among them) and halves of surrogate pairs are escaped as <code>&#92;u001b</code>.
     */
    public static String plain(String text) {
        return escaped(text, "");
    }

    /** As {@link #plain}, but line feeds and tabs stay: for whole messages that were put together of several lines. */
    public static String lines(String text) {
        return escaped(text, "\n\t");
    }

    private static String escaped(String text, String allowed) {
        StringBuilder quoted = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (allowed.indexOf(c) < 0 && isUnsafe(c)) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return quoted.toString();
    }

    private static boolean isUnsafe(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static String shorten(String text) {
        int half = MAX_CHARACTERS / 2;
        if (text.length() <= MAX_CHARACTERS) {
            return text;
        }
        int left = Character.isHighSurrogate(text.charAt(half - 1)) ? half - 1 : half;
        int right = text.length() - half;
        right = Character.isLowSurrogate(text.charAt(right)) ? right + 1 : right;
        return text.substring(0, left) + "..." + text.substring(right);
    }
}
