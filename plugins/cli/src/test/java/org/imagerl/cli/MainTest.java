package org.imagerl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.cli.checkpoint.CheckpointVerbs;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.train.TrainingVerbs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {

    @Test
    void helpListsTheVerbsInALineEach() {
        Run run = Run.of("--help");
        assertThat(run.code()).isZero();
        assertThat(run.out().lines().filter(line -> line.matches("  [a-z]+ +[A-Z].*\\.")))
                .hasSizeGreaterThan(10);
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train",
                "resume",
                "sample",
                "score",
                "pretrain",
                "export",
                "inspect",
                "config",
                "plugins",
                "doctor",
                "version"
            })
    void everyVerbExplainsItself(String verb) {
        Run run = Run.of(verb, "--help");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("Usage: imagerl " + verb).contains("--help");
    }

    @ParameterizedTest
    @ValueSource(strings = {"trian", "trian --help", "--help trian"})
    void misspeltVerbIsNamedAlsoBesideHelp(String words) {
        Run run = Run.of(words.split(" "));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("imagerl: Unknown verb: 'trian'").contains("imagerl train");
    }

    @Test
    void misspeltOptionIsNamedBesideHelp() {
        assertThat(Run.of("train", "--help", "--epocs").err()).contains("Unknown option: '--epocs'");
    }

    /** In a terminal of the usual width no line is broken where it was not meant to be. */
    @Test
    void allHelpFitsEightyColumnsAndShowsValuesAsTheyAreTyped() {
        CliContext session = new CliContext(List.of(), Writers.none(), Writers.none());
        List<CommandLine> all = new ArrayList<>();
        collect(Main.executing(session), all);
        assertThat(all).hasSizeGreaterThan(20);
        for (CommandLine verb : all) {
            String help = verb.getUsageMessage();
            assertThat(help.lines()).as(help).allMatch(line -> line.length() <= 80);
            assertThat(help).doesNotContainPattern("Default:\\s+[A-Z]{2,}");
            assertThat(help).as("a distribution has no samples/").doesNotContain("samples/");
        }
    }

    private static void collect(CommandLine verb, List<CommandLine> all) {
        all.add(verb);
        verb.getSubcommands().values().forEach(inner -> collect(inner, all));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reward", "config", "plugins", "ctrl"})
    void aVerbListsItsVerbsInWholeSentencesOfOneLine(String verb) {
        String help = Run.of(verb, "--help").out();
        List<String> listed =
                help.substring(help.indexOf("Commands:")).lines().skip(1).toList();
        assertThat(listed).isNotEmpty().allMatch(line -> line.matches("  [a-z]+ +[A-Z].*\\."));
    }

    @Test
    void theVerbsThatTheScoringDistributionLacksAreKnownByName() {
        CliContext session = new CliContext(List.of(), Writers.none(), Writers.none());
        assertThat(Stream.concat(TrainingVerbs.of(session).stream(), CheckpointVerbs.of(session).stream())
                        .map(CommandLine::getCommandName))
                .containsExactlyElementsOf(TrainingModules.VERBS);
    }

    @Test
    void noVerbIsAUsageError() {
        Run run = Run.of();
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("Name a verb");
    }

    @Test
    void aMisspeltVerbIsAnsweredWithTheNearest() {
        Run run = Run.of("trian", "a.yaml");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("trian").contains("imagerl train");
    }

    @Test
    void aMisspeltOptionIsAnsweredWithTheNearestEvenIfAnotherIsMissing() {
        Run run = Run.of("sample", "--promt", "x");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--checkpoint").contains("--promt").contains("--prompt");
    }

    @Test
    void allProblemsOfACommandLineAreSaid() {
        Run run = Run.of("sample", "--steps", "many", "--batch", "few");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("'many'").contains("'few'").contains("--checkpoint");
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        assertThat(Run.of("--version").out().strip()).matches("imagerl [0-9]+\\.[0-9]+\\.[0-9]+.*");
        assertThat(Run.of("version").out()).contains("java").doesNotContain("${");
    }

    @Test
    void anUnknownPluginPathIsAnInputError() {
        Run run = Run.of("plugins", "--plugin-path", "/no/such.jar");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).isEqualTo("imagerl: /no/such.jar: the plugin path names no file or folder\n");
    }

    @Test
    void theCommandLineIsKeptForProvenance() {
        CliContext session = new CliContext(List.of("train", "a.yaml"), Writers.none(), Writers.none());
        assertThat(session.commandLine()).containsExactly("imagerl", "train", "a.yaml");
    }

    @Test
    void pathsOfPartsOnTheCommandLineAreRelativeToTheWorkingFolder() {
        CliContext session = new CliContext(List.of(), Writers.none(), Writers.none());
        assertThat(session.context("cpu", 1).folder()).isEqualTo(Path.of("").toAbsolutePath());
    }
}
