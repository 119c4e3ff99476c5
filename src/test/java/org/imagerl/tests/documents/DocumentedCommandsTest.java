package org.imagerl.tests.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.imagerl.cli.Main;
import org.imagerl.cli.console.CliContext;
import org.imagerl.tests.Said;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;

/** Every command line of imagerl in the README and in docs is one that the program takes; those that only read the samples are run. */
class DocumentedCommandsTest {
    private static final Pattern SAMPLES = Pattern.compile("samples/[a-z-]+(/[a-z./-]*)?");
    /** Verbs that read, print and end within moments. */
    private static final Pattern READING =
            Pattern.compile("(inspect|plugins|methods|version|config (check|show)) .*|methods");

    private final List<CommandWords> commands =
            Page.all().stream().flatMap(CommandWords::of).toList();

    @Test
    void theyAreParsed() {
        List<String> faults = new ArrayList<>();
        for (CommandWords command : commands) {
            try {
                line().parseArgs(command.words().toArray(new String[0]));
            } catch (MissingParameterException e) {
                if (command.whole()) {
                    faults.add(command + ": " + e.getMessage());
                }
            } catch (ParameterException e) {
                faults.add(command + ": " + e.getMessage());
            }
        }
        assertThat(commands.stream().filter(CommandWords::whole)).hasSizeGreaterThan(40);
        assertThat(faults).isEmpty();
    }

    @Test
    void theSamplesThatTheyNameExist() {
        assertThat(commands.stream()
                        .flatMap(command -> command.words().stream())
                        .filter(word -> SAMPLES.matcher(word).matches()))
                .isNotEmpty()
                .allMatch(word -> Files.exists(Page.root().resolve(word)));
    }

    @Test
    void thoseThatReadTheSamplesRun() {
        List<CommandWords> run = commands.stream()
                .filter(command ->
                        READING.matcher(String.join(" ", command.words())).matches())
                .filter(command -> command.words().stream()
                        .noneMatch(word -> word.matches("[A-Z]+|.*\\.(yaml|safetensors)")
                                && !SAMPLES.matcher(word).matches()))
                .distinct()
                .toList();
        assertThat(run).isNotEmpty();
        for (CommandWords command : run) {
            Object[] words = command.words().stream()
                    .map(word -> SAMPLES.matcher(word).matches() ? Page.root().resolve(word) : word)
                    .toArray();
            Said said = Said.by(words);
            assertThat(said.code()).as(command + " " + said.err()).isZero();
        }
    }

    @Test
    void theListOfCommandsHasEveryVerb() {
        Page list = Page.all().stream()
                .filter(page -> page.name().equals("docs/commands.md"))
                .findFirst()
                .orElseThrow();
        List<String> named =
                list.spans().stream().map(span -> span.text().split(" ")[0]).toList();
        assertThat(named).containsAll(line().getSubcommands().keySet());
    }

    @Test
    void wordsAreThoseOfAShell() {
        Page page = Page.of(
                "page",
                List.of(
                        "Call `./imagerl train",
                        "FILE`.",
                        "",
                        "    A=b bin/imagerl --torch x score 'a b' \\",
                        "        c | sort",
                        "    imagerl sample ... # d"));
        assertThat(CommandWords.of(page))
                .containsExactlyInAnyOrder(
                        new CommandWords("page:1", List.of("train", "FILE"), false),
                        new CommandWords("page:4", List.of("score", "a b", "c"), true),
                        new CommandWords("page:4", List.of("sample"), false));
    }

    private static CommandLine line() {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        return Main.executing(new CliContext(List.of(), nowhere, nowhere));
    }
}
