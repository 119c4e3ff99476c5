package org.imagerl.training.report;

/** Texts of others in files that must stay small. */
final class ShortText {
    private ShortText() {}

    /** The text, or its beginning with an ellipsis, {@code most} characters of Unicode at most. */
    static String of(String text, int most) {
        return text.codePointCount(0, text.length()) <= most
                ? text
                : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
    }
}
