package org.imagerl.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Preset;
import org.imagerl.toolkit.recipe.paper.PaperPlugin;
import org.imagerl.training.config.MethodTable;
import org.imagerl.training.config.Remedy;
import org.junit.jupiter.api.Test;

/** The map of methods is what the registry has; {@code imagerl methods --markdown} writes its tables anew. */
class MethodsDocumentTest {
    private static final Path FOLDER = Path.of(System.getProperty("project.root"), "docs/methods");

    private final MethodTable table = MethodTable.of(Registry.load(List.of()));

    @Test
    void theTablesAreThoseOfTheRegistry() throws IOException {
        String document = Files.readString(FOLDER.resolve("README.md"));
        assertThat(document.substring(document.indexOf("### algorithm"))).isEqualTo(table.markdown());
    }

    /** Every part of a paper has its paragraph on the page of its kind. */
    @Test
    void everyPartOfAPaperIsExplained() throws IOException {
        String pages;
        try (Stream<Path> files = Files.list(FOLDER)) {
            pages = files.filter(file -> !file.endsWith("README.md"))
                    .map(MethodsDocumentTest::read)
                    .collect(Collectors.joining());
        }
        PaperPlugin papers = new PaperPlugin();
        List<String> names = Kind.ALL.stream()
                .flatMap(kind -> kind.factories().apply(papers).stream())
                .map(Factory::name)
                .toList();
        assertThat(names)
                .hasSizeGreaterThan(25)
                .allSatisfy(name -> assertThat(pages).contains("`" + name + "`"));
    }

    /** Who has a problem finds the same parts on the page and in what {@code imagerl methods} prints; each of them is there. */
    @Test
    void everyProblemHasItsSectionWithThePartsThatAreMadeForIt() {
        Registry registry = Registry.load(List.of());
        Set<String> there = Stream.concat(
                        registry.presets().stream().map(Preset::name),
                        Kind.ALL.stream().flatMap(kind -> registry.factories(kind).keySet().stream()))
                .collect(Collectors.toSet());
        String document = read(FOLDER.resolve("README.md"));
        for (Remedy remedy : Remedy.ALL) {
            assertThat(there).containsAll(remedy.parts());
            String rest = document.substring(document.indexOf("## " + remedy.problem() + "\n") + 1);
            assertThat(rest.substring(0, rest.indexOf("\n## ")))
                    .as(remedy.problem())
                    .startsWith("# " + remedy.problem())
                    .contains(remedy.parts().stream()
                            .map(part -> "`" + part + "`")
                            .toList());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
