package org.imagerl.site;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the search looks through: a script, because a page that is opened as a file may load no other data. */
final class SearchIndex {
    private SearchIndex() {}

    /** {@code searchIndex}: for each section the title of its page, its own, its address and its text. */
    static String script(Collection<Document> pages) {
        return pages.stream()
                .flatMap(page -> page.sections().stream()
                        .map(section -> entry(
                                page.title(),
                                section.title(),
                                Links.place(page.file()) + "#" + section.anchor(),
                                section.text())))
                .collect(Collectors.joining(",\n", "window.searchIndex = [\n", "\n];\n"));
    }

    private static String entry(String... texts) {
        return Arrays.stream(texts).map(SearchIndex::quoted).collect(Collectors.joining(",", "[", "]"));
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            boolean plain = letter >= ' ' && letter != '"' && letter != '\\' && letter != '<' && letter < 0x2028;
            quoted.append(plain ? String.valueOf(letter) : String.format(Locale.ROOT, "\\u%04x", (int) letter));
        }
        return quoted.append('"').toString();
    }
}
