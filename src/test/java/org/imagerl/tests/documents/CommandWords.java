package org.imagerl.tests.documents;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A command line of imagerl that a document quotes.
 *
 * @param words as a shell gives them to the program, without what the launcher takes for itself
 * @param whole whether it is meant to be typed as it stands; a mention in a sentence may leave arguments out
 */
record CommandWords(String place, List<String> words, boolean whole) {
    /** The program, perhaps behind a prompt or a setting of a variable. */
    private static final Pattern PROGRAM =
            Pattern.compile("^(?:\\$ )?(?:[A-Z_]+=\\S+ )*(?:\\./|bin/)?imagerl +(?=\\S)");

    private static final Pattern WORD = Pattern.compile("\\G\\s*((?:'[^']*'|\"[^\"]*\"|\\\\.|[^\\s'\"\\\\])+)");
    /** What ends a command in a shell. */
    private static final Pattern END = Pattern.compile("[|;&#]|&&|[0-9]?>.*");

    static Stream<CommandWords> of(Page page) {
        return Stream.concat(
                page.blocks().stream().flatMap(CommandWords::ofBlock),
                page.spans().stream().flatMap(span -> of(span.place(), span.text(), false)));
    }

    private static Stream<CommandWords> ofBlock(Page.Block block) {
        return block.text().replaceAll("\\\\\\n\\s*", " ").lines().flatMap(line -> of(block.place(), line, true));
    }

    private static Stream<CommandWords> of(String place, String line, boolean whole) {
        Matcher program = PROGRAM.matcher(line);
        if (!program.find()) {
            return Stream.empty();
        }
        List<String> words = words(line.substring(program.end()));
        while (!words.isEmpty() && words.get(0).matches("--(torch|precision|cuda)")) {
            words = words.subList(words.get(0).equals("--cuda") ? 1 : 2, words.size());
        }
        boolean mention = line.contains("...");
        return Stream.of(new CommandWords(place, words, whole && !mention));
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(line);
        while (matcher.find() && !END.matcher(matcher.group(1)).matches()) {
            String word = matcher.group(1).replaceAll("'([^']*)'|\"([^\"]*)\"|\\\\(.)", "$1$2$3");
            if (!word.equals("...")) {
                words.add(word.replaceFirst("\\.\\.\\.$", ""));
            }
        }
        return words;
    }
}
