package org.imagerl.images;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/** Breaks captions into lines: at spaces where it can, inside words where it must. */
final class TextWrap {
    private static final String ELLIPSIS = "\u2026";

    private TextWrap() {}

    /**
     * The lines of a text.
     *
     * @param text any text; runs of white space count as one space
     * @param maxLines at least 1; what does not fit is cut, and the last line ends with an ellipsis
     * @param width the width of a line, in the unit of {@code measure}; a single letter may exceed it
     * @param measure the width of a string
     */
    static List<String> wrap(String text, int maxLines, int width, ToIntFunction<String> measure) {
        String rest = text.strip().replaceAll("\\s+", " ");
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
        int space = rest.lastIndexOf(' ', fitting);
        return space > 0 ? space : fitting;
    }

    /** How many chars from the start fit together with {@code suffix}: whole code points, at least one. */
    private static int fitting(String rest, String suffix, int width, ToIntFunction<String> measure) {
        int end = rest.offsetByCodePoints(0, 1);
        while (end < rest.length()) {
            int next = rest.offsetByCodePoints(end, 1);
            if (measure.applyAsInt(rest.substring(0, next) + suffix) > width) {
                break;
            }
            end = next;
        }
        return end;
    }
}
