package org.imagerl.images;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Breaks captions into lines: between words where it can, inside them where it must. */
final class TextWrap {
    private static final String ELLIPSIS = "\u2026";
    /** A letter with its marks, an emoji with all that belongs to it. */
    private static final Pattern LETTER = Pattern.compile("\\X");
    /** Longest text that is looked at: more than any sheet shows. */
    private static final int MAX_CHARS = 10_000;

    private TextWrap() {}

    /**
     * The lines of a text.
     *
     * @param text any text; runs of white space and control characters count as one space
     * @param maxLines at least 1; what does not fit is cut, and the last line ends with an ellipsis
     * @param width the width of a line, in the unit of {@code measure}; a single letter may exceed it
     * @param measure the width of a string
     */
    static List<String> wrap(String text, int maxLines, int width, ToIntFunction<String> measure) {
        String start = text.length() > MAX_CHARS ? text.substring(0, MAX_CHARS) : text;
        String rest = start.replaceAll("[\\s\\p{Cc}]+", " ").strip();
        List<String> lines = new ArrayList<>();
        while (!rest.isEmpty()) {
            if (lines.size() == maxLines - 1 && measure.applyAsInt(rest) > width) {
                lines.add(rest.substring(0, fitting(rest, ELLIPSIS, width, measure))
                                .strip()
                        + ELLIPSIS);
                break;
            }
            int end = lineEnd(rest, width, measure);
            lines.add(rest.substring(0, end).strip());
            rest = rest.substring(end).strip();
        }
        return lines;
    }

    private static int lineEnd(String rest, int width, ToIntFunction<String> measure) {
        int fitting = fitting(rest, "", width, measure);
        if (fitting == rest.length() || rest.charAt(fitting) == ' ') {
            return fitting;
        }
        // Where scripts without spaces may break is known to Java, too.
        BreakIterator breaks = BreakIterator.getLineInstance(Locale.ROOT);
        breaks.setText(rest);
        int end = breaks.isBoundary(fitting) ? fitting : breaks.preceding(fitting);
        return end > 0 ? end : fitting;
    }

    /** How many chars from the start fit together with {@code suffix}: whole letters with their marks, at least one. */
    private static int fitting(String rest, String suffix, int width, ToIntFunction<String> measure) {
        Matcher letters = LETTER.matcher(rest);
        int end = letters.find() ? letters.end() : rest.length();
        while (letters.find()) {
            if (measure.applyAsInt(rest.substring(0, letters.end()) + suffix) > width) {
                break;
            }
            end = letters.end();
        }
        return end;
    }
}
