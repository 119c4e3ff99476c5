package org.imagerl.training.study;

import java.util.ArrayList;
import java.util.List;

/** A command line as words: blanks part them, and quotes of either kind hold together what is between them, as it is. */
final class CommandWords {
    private CommandWords() {}

    /**
     * The words of a line.
     *
     * @throws IllegalArgumentException if there is none, or a quote is not closed
     */
    static List<String> split(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean begun = false;
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0 && c != quote) {
                word.append(c);
            } else if (quote != 0) {
                quote = 0;
            } else if (c == '\'' || c == '"') {
                quote = c;
                begun = true; // '' is a word too
            } else if (!Character.isWhitespace(c)) {
                word.append(c);
                begun = true;
            } else if (begun) {
                words.add(word.toString());
                word.setLength(0);
                begun = false;
            }
        }
        if (begun) {
            words.add(word.toString());
        }
        if (quote != 0 || words.isEmpty()) {
            throw new IllegalArgumentException(
                    "prepare must be command lines, with every quote closed, not '" + line + "'");
        }
        return words;
    }
}
