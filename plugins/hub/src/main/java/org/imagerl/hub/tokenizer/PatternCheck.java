package org.imagerl.hub.tokenizer;

import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Checks a regular expression whose time on a text must stay near the length of that text. The library that matches them (Oniguruma) tries
 * one way after another, and ends the process when it has tried ten million. So what multiplies the ways is refused: a repeated group that
 * can itself be of several lengths, a second open repetition before something that must follow, references back and calls of groups.
 * Every pattern of a published tokenizer that was found passes: they are alternatives of classes, each repeated once or twice.
 */
final class PatternCheck {
    private static final int MAX_CHARACTERS = 4000;
    private static final int MAX_DEPTH = 16;
    private static final int MAX_REPEAT = 1000;

    /** A repetition of up to so many is counted as none: it does not multiply much. */
    private static final int FEW = 8;

    private static final String ESCAPES = "dDwWsShHnrtfvaebBAzZpPux";

    private final Section where;
    private final String pattern;
    private int at;

    /**
     * What a part of a pattern can do.
     *
     * @param open repetitions without a low bound in it
     * @param openBefore the most that stand before something that must follow
     * @param required whether it cannot be empty
     */
    private record Part(int open, int openBefore, boolean required) {
        static final Part NOTHING = new Part(0, 0, false);
        static final Part CHARACTER = new Part(0, 0, true);

        Part then(Part next) {
            int before = next.required ? open + next.openBefore : 0;
            return new Part(
                    open + next.open,
                    Math.max(Math.max(openBefore, next.openBefore), before),
                    required || next.required);
        }

        Part or(Part other) {
            return new Part(
                    Math.max(open, other.open), Math.max(openBefore, other.openBefore), required && other.required);
        }
    }

    private PatternCheck(Section where, String pattern) {
        this.where = where;
        this.pattern = pattern;
    }

    /** @throws UserException if it is no pattern or may take long */
    static void check(Section regex) {
        PatternCheck check = new PatternCheck(regex, regex.text(MAX_CHARACTERS));
        Part whole = check.alternatives(0);
        if (check.at < check.pattern.length()) {
            throw check.refusal("a parenthesis that nothing opens");
        }
        if (whole.openBefore > 1) {
            throw check.refusal(
                    "two open repetitions before something that must follow, whose time grows with the square"
                            + " of a text");
        }
    }

    private Part alternatives(int depth) {
        if (depth > MAX_DEPTH) {
            throw refusal("groups more than " + MAX_DEPTH + " deep");
        }
        Part all = sequence(depth);
        while (at < pattern.length() && pattern.charAt(at) == '|') {
            at++;
            all = all.or(sequence(depth));
        }
        return all;
    }

    private Part sequence(int depth) {
        Part all = Part.NOTHING;
        while (at < pattern.length() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
            all = all.then(repeated(depth));
        }
        return all;
    }

    private Part repeated(int depth) {
        boolean group = pattern.charAt(at) == '(';
        Part part = group ? group(depth) : single();
        int[] times = quantifier();
        if (times.length == 0) {
            return part;
        }
        if (quantifierFollows()) {
            skipMode();
        }
        boolean optional = times[0] == 0;
        if (group && times[1] > 1) {
            throw refusal("a repeated group, whose ways can multiply");
        }
        boolean open = times[1] > FEW;
        return new Part(part.open + (open ? 1 : 0), part.openBefore, part.required && !optional);
    }

    /** A lazy or possessive mark after a quantifier; a second quantifier is a repetition of a repetition. */
    private void skipMode() {
        char mark = pattern.charAt(at);
        if (mark != '?' && mark != '+') {
            throw refusal("a repetition of a repetition");
        }
        at++;
        if (quantifierFollows()) {
            throw refusal("a repetition of a repetition");
        }
    }

    private boolean quantifierFollows() {
        if (at >= pattern.length()) {
            return false;
        }
        char c = pattern.charAt(at);
        return c == '*' || c == '+' || c == '?' || (c == '{' && braces(at) != null);
    }

    /** The least and most times of the quantifier that stands here; empty if there is none. */
    private int[] quantifier() {
        if (!quantifierFollows()) {
            return new int[0];
        }
        int[] braced = braces(at);
        char c = pattern.charAt(at);
        if (braced == null) {
            at++;
            return new int[] {c == '+' ? 1 : 0, c == '?' ? 1 : Integer.MAX_VALUE};
        }
        at = pattern.indexOf('}', at) + 1;
        if (braced[0] > MAX_REPEAT || (braced[1] > MAX_REPEAT && braced[1] != Integer.MAX_VALUE)) {
            throw refusal("a repetition of more than " + MAX_REPEAT + " times");
        }
        return braced;
    }

    /** {@code {n}, {n,}, {,m}, {n,m}}; null if the brace is an ordinary character. */
    private int @Nullable [] braces(int from) {
        int end = pattern.indexOf('}', from);
        if (pattern.charAt(from) != '{'
                || end < 0
                || !pattern.substring(from + 1, end).matches("\\d{1,6}(,\\d{0,6})?|,\\d{1,6}")) {
            return null;
        }
        String[] numbers = pattern.substring(from + 1, end).split(",", -1);
        int least = numbers[0].isEmpty() ? 0 : Integer.parseInt(numbers[0]);
        if (numbers.length == 1) {
            return new int[] {least, least};
        }
        return new int[] {least, numbers[1].isEmpty() ? Integer.MAX_VALUE : Integer.parseInt(numbers[1])};
    }

    private Part group(int depth) {
        at++;
        boolean around = opening();
        Part inside = alternatives(depth + 1);
        if (at >= pattern.length()) {
            throw refusal("a parenthesis that nothing closes");
        }
        at++;
        // What is looked at and not taken must hold: it can send all before it back.
        return around ? new Part(inside.open, inside.openBefore, true) : inside;
    }

    /** Reads what follows an opening parenthesis; whether the group only looks around. */
    private boolean opening() {
        if (at < pattern.length() && pattern.charAt(at) == '*') {
            throw refusal("a call");
        }
        if (at >= pattern.length() || pattern.charAt(at) != '?') {
            return false;
        }
        int begin = at;
        for (String kind : new String[] {"?=", "?!", "?<=", "?<!", "?:", "?>"}) {
            if (pattern.startsWith(kind, at)) {
                at += kind.length();
                return !kind.equals("?:") && !kind.equals("?>");
            }
        }
        at++;
        while (at < pattern.length() && "im-".indexOf(pattern.charAt(at)) >= 0) {
            at++;
        }
        if (at >= pattern.length() || (pattern.charAt(at) != ':' && pattern.charAt(at) != ')') || at == begin + 1) {
            throw refusal("a kind of group that is not known here");
        }
        at += pattern.charAt(at) == ':' ? 1 : 0;
        return false;
    }

    private Part single() {
        char c = pattern.charAt(at);
        if (c == '[') {
            characterClass(0);
        } else if (c == '\\') {
            escape();
        } else if (c == '*' || c == '+' || c == '?') {
            throw refusal("a repetition of nothing");
        } else {
            at += Character.charCount(pattern.codePointAt(at));
        }
        return Part.CHARACTER;
    }

    private void characterClass(int depth) {
        if (depth > MAX_DEPTH) {
            throw refusal("classes more than " + MAX_DEPTH + " deep");
        }
        at++;
        if (at < pattern.length() && pattern.charAt(at) == '^') {
            at++;
        }
        if (at < pattern.length() && pattern.charAt(at) == ']') {
            at++;
        }
        while (at < pattern.length() && pattern.charAt(at) != ']') {
            if (pattern.charAt(at) == '[') {
                characterClass(depth + 1);
            } else if (pattern.charAt(at) == '\\') {
                escape();
            } else {
                at++;
            }
        }
        if (at >= pattern.length()) {
            throw refusal("a class that nothing closes");
        }
        at++;
    }

    private void escape() {
        at++;
        if (at >= pattern.length()) {
            throw refusal("a backslash at the end");
        }
        char c = pattern.charAt(at++);
        boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '1' && c <= '9');
        if (letter && ESCAPES.indexOf(c) < 0) {
            throw refusal("\\" + c + ", a reference or something that is not known here");
        }
        if ((c == 'p' || c == 'P' || c == 'x') && at < pattern.length() && pattern.charAt(at) == '{') {
            int end = pattern.indexOf('}', at);
            if (end < 0) {
                throw refusal("a brace that nothing closes");
            }
            at = end + 1;
        }
    }

    private UserException refusal(String what) {
        return where.refusal(
                "expected a pattern whose time is bounded; this has " + what + " (at character " + at + ")");
    }
}
