package org.imagerl.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Markdown documents: their links lead somewhere, their lines are short, and they use the words of the glossary. */
class DocumentsTest {
    private static final int MAX_LENGTH = 120;

    /** Folders that hold no documents of ours: what builds and runs leave. */
    private static final Set<String> SKIPPED = Set.of(".git", "target", "runs");

    /** Words that the glossary replaces: image, conditioned on. */
    private static final Pattern REPLACED = Pattern.compile("\\b(picture|pictures|told)\\b", Pattern.CASE_INSENSITIVE);

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    /** A class, with its package, and perhaps a member or type arguments behind it. */
    private static final Pattern CLASS_SPAN =
            Pattern.compile("`(?:[a-z]+\\.)*([A-Z][A-Za-z]*[a-z][A-Za-z]*)(?:[.<(][^`]*)?`");

    /** The name of a test in a command line, unless it is a pattern of several. */
    private static final Pattern TEST = Pattern.compile("-Dtest=([A-Za-z]+)(?![A-Za-z*])");

    private static final Pattern CODE_SPAN = Pattern.compile("`[^`]*`");

    @Test
    void everyLinkAndImageExists() throws IOException {
        assertThat(problems(root()).stream().filter(Problem::ofLink)).isEmpty();
    }

    @Test
    void everyPageIsInTheListOfPages() throws IOException {
        Path list = root().resolve("docs/README.md");
        Set<Path> linked = LINK.matcher(Files.readString(list))
                .results()
                .map(link -> list.resolveSibling(link.group(1)).normalize())
                .collect(Collectors.toSet());
        assertThat(documents(root().resolve("docs")))
                .hasSizeGreaterThan(30)
                .allMatch(page -> page.equals(list) || linked.contains(page));
    }

    @Test
    void linesAreShortOutsideTablesCodeAndLinks() throws IOException {
        assertThat(problems(root()).stream().filter(Problem::ofLength)).isEmpty();
    }

    @Test
    void wordsAreThoseOfTheGlossary() throws IOException {
        assertThat(problems(root()).stream().filter(Problem::ofWord)).isEmpty();
    }

    @Test
    void classesThatContributingNamesExist() throws IOException {
        String page = Files.readString(root().resolve("CONTRIBUTING.md"));
        Set<String> named = classesNamed(page);
        Set<String> known = new TreeSet<>();
        files(root(), ".java").forEach(file -> known.add(String.valueOf(file.getFileName())));
        assertThat(named).contains("DocumentsTest.java", "BoundedFile.java");
        assertThat(named).isSubsetOf(known);
    }

    @Test
    void classesAreFoundInCodeSpans() {
        assertThat(classesNamed("`a.b.Some.method()`, `Other<Thing>`, `lower`, `UPPER_CASE`, Word and `Kernels.scale`"
                        + " -Dtest=OneTest -Dtest='Golden*' -Dtest=Golden*Test"))
                .containsExactlyInAnyOrder("Some.java", "Other.java", "Kernels.java", "OneTest.java");
    }

    @Test
    void theDocumentsOfTheProjectAreFound() throws IOException {
        assertThat(documents(root()).stream()
                        .map(file -> root().relativize(file).toString()))
                .contains("README.md", "CONTRIBUTING.md", "docs/glossary.md", "docs/results/ctrl/report.md")
                .contains("samples/reward-plugin/README.md", "src/test/resources/golden/README.md");
    }

    @Test
    void whatIsWrongIsFoundAndWhatIsExemptIsNot(@TempDir Path folder) throws IOException {
        String longText = "word ".repeat(30);
        Files.writeString(folder.resolve("other.md"), "# A heading, of `code`\n");
        Files.writeString(
                folder.resolve("wrong.md"),
                String.join(
                        "\n",
                        "It was told. Pictures, `pictures`, [x](pictures.md).",
                        "[gone](gone.md) ![gone](gone.png) [here](other.md) [there](other.md#a-heading-of-code)",
                        "[no heading](other.md#other) [web](https://example.org/picture) [a link",
                        "of two lines](two.md)",
                        longText,
                        "| " + longText + "|",
                        "",
                        "    " + longText + "told",
                        "",
                        "```",
                        longText + "[gone](gone.md) picture",
                        "```",
                        "[a link](https://example.org/" + "x".repeat(120) + ")"));
        assertThat(problems(folder).stream().map(problem -> problem.line() + " " + problem.text()))
                .containsExactlyInAnyOrder(
                        "1 the word told",
                        "1 the word Pictures",
                        "1 no file pictures.md",
                        "2 no file gone.md",
                        "2 no file gone.png",
                        "3 no heading other.md#other",
                        "4 no file two.md",
                        "5 150 characters");
    }

    /** A fault of a document. */
    private record Problem(Path file, int line, String text) {
        boolean ofLink() {
            return text.startsWith("no ");
        }

        boolean ofWord() {
            return text.startsWith("the word ");
        }

        boolean ofLength() {
            return text.endsWith(" characters");
        }
    }

    private static Path root() {
        return Path.of(System.getProperty("project.root")).toAbsolutePath().normalize();
    }

    private static List<Path> documents(Path folder) throws IOException {
        return files(folder, ".md");
    }

    /** The files in which the classes and tests that a page names would be. */
    private static Set<String> classesNamed(String page) {
        return Stream.of(CLASS_SPAN, TEST)
                .flatMap(names -> names.matcher(page).results())
                .map(span -> span.group(1) + ".java")
                .collect(Collectors.toSet());
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                boolean skipped = SKIPPED.contains(String.valueOf(directory.getFileName()));
                return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(ending)) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    private static List<Problem> problems(Path folder) throws IOException {
        List<Problem> problems = new ArrayList<>();
        for (Path file : documents(folder)) {
            List<String> lines = prose(Files.readAllLines(file));
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                int number = i + 1;
                links(file, line).forEach(text -> problems.add(new Problem(file, number, text)));
                String withoutTargets = line.replaceAll("\\]\\([^)]*\\)", "]");
                int length = withoutTargets.codePointCount(0, withoutTargets.length());
                if (length > MAX_LENGTH && !line.startsWith("|")) {
                    problems.add(new Problem(file, number, length + " characters"));
                }
                Matcher words =
                        REPLACED.matcher(CODE_SPAN.matcher(withoutTargets).replaceAll(""));
                while (words.find()) {
                    problems.add(new Problem(file, number, "the word " + words.group()));
                }
            }
        }
        return problems;
    }

    /** The lines of a document, those of code blocks empty. */
    private static List<String> prose(List<String> lines) {
        List<String> prose = new ArrayList<>();
        boolean fenced = false;
        boolean indented = false;
        boolean afterBlank = true;
        for (String line : lines) {
            boolean fence = line.startsWith("```");
            indented = line.startsWith("    ") && (indented || afterBlank);
            prose.add(fenced || fence || indented ? "" : line);
            fenced ^= fence;
            afterBlank = line.isBlank();
        }
        return prose;
    }

    private static List<String> links(Path file, String line) throws IOException {
        List<String> problems = new ArrayList<>();
        Matcher links = LINK.matcher(CODE_SPAN.matcher(line).replaceAll(""));
        while (links.find()) {
            String link = links.group(1);
            if (link.matches("[a-z]+:.*")) {
                continue;
            }
            int hash = link.indexOf('#');
            String path = hash < 0 ? link : link.substring(0, hash);
            Path target = path.isEmpty() ? file : file.resolveSibling(path);
            if (!Files.exists(target)) {
                problems.add("no file " + link);
            } else if (hash >= 0 && !headings(target).contains(link.substring(hash + 1))) {
                problems.add("no heading " + link);
            }
        }
        return problems;
    }

    /** The names by which headings are linked: lower case, hyphens for blanks, no punctuation. */
    private static Set<String> headings(Path file) throws IOException {
        return prose(Files.readAllLines(file)).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ *", "").toLowerCase(Locale.ROOT))
                .map(line -> line.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                .collect(Collectors.toSet());
    }
}
