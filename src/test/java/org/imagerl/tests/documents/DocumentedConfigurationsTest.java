package org.imagerl.tests.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.config.ConfigKeys;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.UserException;
import org.imagerl.training.config.RunConfigLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configurations that documents quote are ones that the program takes, and the keys that they name exist. */
class DocumentedConfigurationsTest {
    private static final Registry REGISTRY = Registry.load(List.of());
    /** All keys; the settings of an optimiser stand beside its type. */
    private static final List<String> FIELDS = Stream.concat(
                    RunConfigLoader.fields().stream().map(ConfigKeys.Field::path),
                    REGISTRY.factories(Kind.UPDATE_RULE).values().stream()
                            .flatMap(factory -> ConfigKeys.of(factory).stream())
                            .map(key -> "optimiser." + key.name()))
            .toList();

    private static final Set<String> TOP = FIELDS.stream()
            .map(path -> path.replaceFirst("[.\\[].*", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    private static final Pattern DOTTED = Pattern.compile("([a-z_]+)(\\.[a-z_]+)+");
    private static final Pattern SETTING = Pattern.compile("[a-z_]+(\\.[a-z_]+)*: [^A-Z.]+");
    private static final Pattern WRONG = Pattern.compile("is not a key|there is no|must ");
    private static final Pattern FILE = Pattern.compile("\\.(yaml|onnx|safetensors)$");
    /** What stands where a document shows a part of a file alone. */
    private static final List<String> REST = List.of(
            "checkpoint: /models/sd", "prompts: prompts.txt", "algorithm: ddpo", "rewards: [jpeg-compressibility]");

    private final RunConfigLoader loader = new RunConfigLoader(REGISTRY);

    @TempDir
    private Path folder;

    @Test
    void theyAreAccepted() throws IOException {
        List<String> faults = new ArrayList<>();
        int runs = 0;
        for (Page page : Page.all()) {
            for (Page.Block block : page.blocks()) {
                Set<String> keys = keys(block);
                if (keys.isEmpty() || !TOP.containsAll(keys)) {
                    continue;
                }
                runs++;
                Path file = folder.resolve("run" + runs + ".yaml");
                Files.writeString(file, whole(block, keys));
                try {
                    loader.read(file, Overrides.parse(List.of()));
                } catch (UserException e) {
                    faults.add(block.place() + ": " + e.getMessage());
                }
            }
        }
        assertThat(faults).isEmpty();
        assertThat(runs).isGreaterThan(15);
    }

    @Test
    void keysWithDotsExist() {
        List<Page.Span> named = Page.all().stream()
                .filter(page -> !page.name().equals("docs/configuration.md")) // made of the keys
                .flatMap(page -> page.spans().stream())
                .filter(span -> DOTTED.matcher(span.text()).matches()
                        && !FILE.matcher(span.text()).find())
                .filter(span -> TOP.contains(span.text().replaceFirst("\\..*", "")))
                .toList();
        assertThat(named).hasSizeGreaterThan(50);
        assertThat(named.stream().filter(span -> !exists(span.text()))).isEmpty();
    }

    /** {@code algorithm.penalty: {type: kl-mean}} in a line of text. */
    @Test
    void settingsInTextAreAccepted() throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, String.join("\n", REST));
        List<String> faults = new ArrayList<>();
        List<Page.Span> settings = Page.all().stream()
                // Made of the keys; and of parts that are examples, with which PluginsDocumentTest reads them.
                .filter(page -> !page.name().equals("docs/configuration.md")
                        && !page.name().equals("docs/plugins.md"))
                .flatMap(page -> page.spans().stream())
                .filter(span -> SETTING.matcher(span.text()).matches()
                        && TOP.contains(span.text().replaceFirst("[.:].*", "")))
                .toList();
        for (Page.Span setting : settings) {
            try {
                loader.read(file, Overrides.parse(List.of(setting.text().replaceFirst(": ", "="))));
            } catch (UserException e) { // what such a setting needs beside it, a line of text may leave out
                if (WRONG.matcher(String.valueOf(e.getMessage())).find()) {
                    faults.add(setting + ": " + e.getMessage());
                }
            }
        }
        assertThat(faults).isEmpty();
        assertThat(settings).hasSizeGreaterThan(20);
    }

    @Test
    void keysThatCommandsSetExist() {
        List<CommandWords> commands =
                Page.all().stream().flatMap(CommandWords::of).toList();
        List<String> set = commands.stream()
                .filter(command ->
                        command.words().stream().findFirst().orElse("").matches("train|resume|plan|eval"))
                .flatMap(command -> command.words().stream())
                .filter(word -> word.matches("(?!spark\\.)[a-z_.]+=.*"))
                .map(word -> word.replaceFirst("=.*", ""))
                .toList();
        assertThat(set).isNotEmpty().allMatch(DocumentedConfigurationsTest::exists);
    }

    /** A key of the file, one that others are in, or one of a part that a key holds. */
    private static boolean exists(String key) {
        return FIELDS.stream()
                .anyMatch(field -> field.equals(key)
                        || field.startsWith(key + ".")
                        || field.startsWith(key + "[")
                        || key.startsWith(field + "."));
    }

    /** The keys at the top of a block of YAML. */
    private static Set<String> keys(Page.Block block) {
        return block.lines().stream()
                .filter(line -> line.matches("[a-z_]+:( .*)?"))
                .map(line -> line.replaceFirst(":.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String whole(Page.Block block, Set<String> keys) {
        boolean own = keys.contains("data");
        Stream<String> rest = REST.stream()
                .filter(line -> !keys.contains(line.replaceFirst(":.*", "")))
                .filter(line -> !own || !line.startsWith("prompts"));
        String whole = rest.collect(Collectors.joining("\n", "", "\n")) + block.text();
        return own ? whole.replace("algorithm: ddpo\n", "algorithm: sft\n") : whole;
    }
}
