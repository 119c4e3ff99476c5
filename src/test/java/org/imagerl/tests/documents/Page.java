package org.imagerl.tests.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A document, taken apart.
 *
 * @param name its path from the project's folder
 * @param blocks blocks of code, fenced or indented
 * @param spans code within a line of text
 */
record Page(String name, List<Block> blocks, List<Span> spans) {
    private static final Pattern SPAN = Pattern.compile("(?<!`)`([^`]+)`(?!`)");

    /**
     * A block of code.
     *
     * @param place page and line
     * @param language what stands behind the fence; empty without
     * @param lines without their common indentation
     */
    record Block(String place, String language, List<String> lines) {
        String text() {
            return String.join("\n", lines) + "\n";
        }
    }

    /** Code within a line of text; {@code place} is page and line. */
    record Span(String place, String text) {}

    /** The README and the pages of docs, but no reports of studies, which the program writes. */
    static List<Page> all() {
        try (Stream<Path> files = Files.walk(root().resolve("docs"))) {
            return Stream.concat(
                            Stream.of(root().resolve("README.md")),
                            files.filter(Page::isDocument).sorted())
                    .map(Page::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path root() {
        return Path.of(System.getProperty("project.root")).toAbsolutePath().normalize();
    }

    private static boolean isDocument(Path file) {
        return file.toString().endsWith(".md") && !file.endsWith("report.md");
    }

    private static Page of(Path file) {
        try {
            return of(root().relativize(file).toString(), Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Page of(String name, List<String> lines) {
        List<Block> blocks = new ArrayList<>();
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < lines.size(); ) {
            String line = lines.get(i);
            int end = i + 1;
            if (line.startsWith("```")) {
                while (end < lines.size() && !lines.get(end).startsWith("```")) {
                    end++;
                }
                blocks.add(block(name, i + 1, line.substring(3).strip(), lines.subList(i + 1, end)));
                end++;
            } else if (line.startsWith("    ") && (i == 0 || lines.get(i - 1).isBlank())) {
                while (end < lines.size()
                        && (lines.get(end).startsWith("    ") || lines.get(end).isBlank())) {
                    end++;
                }
                blocks.add(block(name, i, "", lines.subList(i, end)));
            } else if (isText(line) || line.startsWith("|")) {
                while (end < lines.size() && isText(lines.get(end))) {
                    end++; // a span may go on in the next line
                }
                spans(name, i + 1, String.join("\n", lines.subList(i, end)), spans);
            }
            i = end;
        }
        return new Page(name, List.copyOf(blocks), List.copyOf(spans));
    }

    private static boolean isText(String line) {
        return !line.isBlank() && !line.startsWith("```") && !line.startsWith("|");
    }

    private static Block block(String name, int line, String language, List<String> lines) {
        String text = String.join("\n", lines).stripTrailing().stripIndent();
        return new Block(name + ":" + (line + 1), language, text.lines().toList());
    }

    private static void spans(String name, int line, String text, List<Span> spans) {
        Matcher matcher = SPAN.matcher(text);
        while (matcher.find()) {
            long before = text.substring(0, matcher.start())
                    .chars()
                    .filter(letter -> letter == '\n')
                    .count();
            spans.add(new Span(name + ":" + (line + before), matcher.group(1).replaceAll("\\s*\\n\\s*", " ")));
        }
    }
}
