package org.imagerl.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Claim;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.Hashes;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.report.MetricsLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    @TempDir
    private Path folder;

    private final List<String> notices = new ArrayList<>();

    @Test
    void aNewRunHasItsConfigurationAndProvenance() throws IOException {
        try (RunFolder run = create()) {
            run.log("hello");
            assertThat(run.path().resolve("config.yaml")).hasContent("a: 1");
            assertThat(Files.readString(run.path().resolve("provenance.json")))
                    .contains("\"seed\" : 7", "\"started\" : \"2026-01-02T03:04:05Z\"", "\"--set\"");
            assertThat(run.path().resolve("log.txt")).hasContent("2026-01-02T03:04:05Z hello");
        }
        assertThat(entries(folder)).containsExactly("mine");
    }

    @Test
    void aSecondTrainIntoARunIsRefusedWithTheRemedies() {
        create().close();
        assertThatThrownBy(this::create)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("imagerl resume " + folder.resolve("mine"))
                .hasMessageContaining("--set run.name=");
    }

    @Test
    void aNameIsTakenBeforeItsRunIsThereAndAClaimLeavesNothing() throws IOException {
        Claim claim = RunFolder.claim(settings());
        assertThatThrownBy(() -> RunFolder.claim(settings()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("another process is starting a run of this name")
                .hasMessageContaining("--set run.name=");
        create().close();
        claim.close();
        claim.close();
        assertThat(entries(folder)).containsExactly("mine");
        assertThatThrownBy(() -> RunFolder.claim(settings())).hasMessageContaining("imagerl resume");
        assertThat(entries(folder)).containsExactly("mine");
    }

    @Test
    void twoProcessesCannotWorkOnOneRun() {
        try (RunFolder run = create()) {
            assertThatThrownBy(() -> RunFolder.resume(run.path(), settings(), CLOCK, notices::add))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("another process is working on this run");
            assertThatThrownBy(() -> RunFolder.refuseHeld(run.path()))
                    .hasMessageContaining("another process is working on this run");
        }
        RunFolder.resume(folder.resolve("mine"), settings(), CLOCK, notices::add)
                .close();
    }

    @Test
    void aRunWhoseFolderIsMovedIsNotGoneOnWithInTwoHalves() {
        try (RunFolder run = create()) {
            assertThat(run.path().toFile().renameTo(folder.resolve("moved").toFile()))
                    .isTrue();
            for (ThrowableAssert.ThrowingCallable use : List.<ThrowableAssert.ThrowingCallable>of(
                    () -> run.log("x"), run::metrics, run::checkpoints, () -> run.samples(1, fresh -> {}))) {
                assertThatThrownBy(use)
                        .isInstanceOfSatisfying(
                                UserException.class,
                                refused -> assertThat(refused.kind()).isEqualTo(UserException.Kind.ENVIRONMENT))
                        .hasMessageContaining("mine")
                        .hasMessageContaining("imagerl resume");
            }
        }
        assertThat(folder.resolve("mine")).doesNotExist();
        RunFolder.resume(folder.resolve("moved"), settings(), CLOCK, notices::add)
                .close();
    }

    @Test
    void whatIsNoRunCannotBeResumed() {
        assertThatThrownBy(() -> RunFolder.resume(folder, settings(), CLOCK, notices::add))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is no run");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aConfigurationThatIsNoFileIsNeverOpenedAndNamed() throws IOException {
        Path config = Files.createDirectory(folder.resolve("config.yaml"));
        assertThatThrownBy(() -> RunFolder.configOf(folder))
                .isInstanceOf(UserException.class)
                .hasMessage(config + ": is a folder, not a file");
        Files.delete(config);
        Files.createSymbolicLink(config, Path.of("/dev/null"));
        assertThatThrownBy(() -> RunFolder.resume(folder, settings(), CLOCK, notices::add))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(config + ": is a device, pipe or socket");
    }

    @Test
    void theLastCheckpointsAndTheBestAreKept() {
        try (RunFolder run = create()) {
            save(run, 10, Double.NaN);
            save(run, 20, 0.9);
            save(run, 30, 0.5);
            save(run, 40, Double.NaN);
            save(run, 50, 0.9);
            assertThat(entries(run.path().resolve("checkpoints")))
                    .containsExactly("step-000000020", "step-000000040", "step-000000050");
            assertThat(run.checkpoints().best()).contains(run.path().resolve("checkpoints/step-000000020"));
            assertThat(run.checkpoints().latestStep()).hasValue(50);
            assertThat(run.path().resolve("latest")).hasContent("step-000000050");
        }
    }

    @Test
    void aWriterThatFailsLeavesNothingAndTheOldOneStays() {
        try (RunFolder run = create()) {
            save(run, 10, 1);
            assertThatThrownBy(() -> run.checkpoints().save(10, 1, fresh -> {
                        write(fresh.resolve("half"), "");
                        throw new IllegalStateException("power cut");
                    }))
                    .hasMessage("power cut");
            assertThat(entries(run.path().resolve("checkpoints"))).containsExactly("step-000000010");
            assertThat(run.path().resolve("checkpoints/step-000000010/weights")).hasContent("10");
        }
    }

    @Test
    void resumingTakesBackAllThatWasWrittenAfterTheNewestCheckpoint() throws IOException {
        try (RunFolder run = create()) {
            run.metrics().metrics(0, new TreeMap<>(Map.of("reward", 0.1)));
            samples(run, 0);
            save(run, 10, 0.1);
            run.metrics().metrics(10, new TreeMap<>(Map.of("reward", 0.2)));
            samples(run, 10);
            run.metrics().metrics(20, new TreeMap<>(Map.of("reward", 0.3)));
            samples(run, 20);
            // as a process leaves it that was killed in the middle of everything
            Path metrics = run.path().resolve("metrics.jsonl");
            Files.writeString(metrics, "{\"step\": 3", StandardOpenOption.APPEND);
            write(
                    Files.createDirectories(run.path().resolve("checkpoints/.step-000000020.x.tmp"))
                            .resolve("weights"),
                    "20");
        }
        try (RunFolder run = RunFolder.resume(folder.resolve("mine"), settings(), CLOCK, notices::add)) {
            assertThat(run.checkpoints().latestStep()).hasValue(10);
            assertThat(run.metrics().read()).extracting(MetricsLog.Row::step).containsExactly(0L, 10L);
            assertThat(entries(run.path().resolve("samples"))).containsExactly("step-000000000", "step-000000010");
            assertThat(entries(run.path().resolve("checkpoints"))).containsExactly("step-000000010");
        }
    }

    @Test
    void aWholeCheckpointThatLatestDoesNotNameYetIsWhereTheRunGoesOn() throws IOException {
        try (RunFolder run = create()) {
            run.metrics().metrics(10, new TreeMap<>(Map.of("reward", 0.2)));
            save(run, 10, 0.5);
            run.metrics().metrics(20, new TreeMap<>(Map.of("reward", 0.3)));
            save(run, 20, 0.9);
            // as a process leaves it that died before it pointed "latest" and "best" to step 20
            write(run.path().resolve("latest"), "step-000000010\n");
            write(run.path().resolve("best"), "step-000000010 0.5\n");
        }
        try (RunFolder run = resume()) {
            assertThat(run.checkpoints().latestStep()).hasValue(20);
            assertThat(run.path().resolve("latest")).hasContent("step-000000020");
            assertThat(run.path().resolve("best")).hasContent("step-000000020 0.9");
            assertThat(run.metrics().read()).hasSize(2);
        }
        assertThat(notices).singleElement().asString().contains("names \"step-000000010\"", "step-000000020, is taken");
    }

    @Test
    void withoutLatestTheNewestWholeCheckpointIsTakenAndSaid() throws IOException {
        for (String content : new String[] {null, "", "../../step-000000010\n", "step-000000099\n", "\u001b[2J\n"}) {
            notices.clear();
            try (RunFolder run = Files.exists(folder.resolve("mine")) ? resume() : create()) {
                run.metrics().metrics(10, new TreeMap<>(Map.of("reward", 0.2)));
                save(run, 10, 1);
                save(run, 20, 1);
                Path latest = run.path().resolve("latest");
                Files.delete(latest);
                if (content != null) {
                    write(latest, content);
                }
            }
            notices.clear();
            try (RunFolder run = resume()) {
                assertThat(entries(run.path().resolve("checkpoints"))).contains("step-000000010", "step-000000020");
                assertThat(run.checkpoints().latestStep()).hasValue(20);
                assertThat(run.metrics().read()).isNotEmpty();
            }
            assertThat(notices)
                    .singleElement()
                    .asString()
                    .contains("step-000000020, is taken")
                    .doesNotContain("\u001b");
        }
    }

    @Test
    void aCheckpointThatIsNotWholeIsPassedOverAndKept() throws IOException {
        try (RunFolder run = create()) {
            save(run, 10, 1);
            save(run, 20, 1);
            write(run.path().resolve("checkpoints/step-000000020/weights"), "");
        }
        try (RunFolder run = resume()) {
            assertThat(run.checkpoints().latestStep()).hasValue(10);
            assertThat(entries(run.path().resolve("checkpoints"))).contains("step-000000020");
            assertThat(notices.get(0)).contains("step-000000020 is not whole", "\"weights\" has another size");
        }
    }

    @Test
    void aRunWhoseCheckpointsAreAllDamagedOrGoneLosesNothing() throws IOException {
        try (RunFolder run = create()) {
            run.metrics().metrics(10, new TreeMap<>(Map.of("reward", 0.2)));
            save(run, 10, 1);
            Files.delete(run.path().resolve("checkpoints/step-000000010/weights"));
        }
        assertThatThrownBy(this::resume)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("none of the checkpoints [step-000000010] is whole (\"weights\" is missing)");
        Files.move(folder.resolve("mine/checkpoints"), folder.resolve("elsewhere"));
        assertThatThrownBy(this::resume)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has no checkpoint, although its metrics reach step 10");
        assertThat(folder.resolve("mine/metrics.jsonl")).isNotEmptyFile();
    }

    @Test
    void foldersAreNamedInAsciiDigitsWhateverTheLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertThat(Checkpoints.name(12)).isEqualTo("step-000000012");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void aFolderThatAnotherProcessMadeMeanwhileIsSaidToBeTaken() {
        Path taken = folder.resolve("taken");
        assertThatThrownBy(() -> Folders.create(taken, fresh -> {
                    write(fresh.resolve("a"), "mine");
                    Folders.create(taken, other -> write(other.resolve("a"), "theirs"));
                }))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is taken: another process made it a moment ago");
        assertThat(taken.resolve("a")).hasContent("theirs");
        assertThat(entries(folder)).containsExactly("taken");
    }

    @Test
    void aRunThatDiedBeforeItsFirstCheckpointStartsAgain() {
        try (RunFolder run = create()) {
            run.metrics().metrics(0, new TreeMap<>(Map.of()));
            samples(run, 0);
        }
        try (RunFolder run = RunFolder.resume(folder.resolve("mine"), settings(), CLOCK, notices::add)) {
            assertThat(run.checkpoints().latest()).isEmpty();
            assertThat(run.metrics().read()).isEmpty();
            assertThat(entries(run.path().resolve("samples"))).isEmpty();
        }
    }

    @Test
    void hashesAreThoseOfTheStandard() throws IOException {
        Path file = Files.writeString(folder.resolve("abc"), "abc");
        assertThat(Hashes.sha256(List.of(folder)))
                .containsOnly(
                        Map.entry(file.toString(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }

    @Test
    void filesThatBecameOthersAreNamed() throws IOException {
        Path model = Files.writeString(folder.resolve("model"), "a");
        Path other = Files.writeString(folder.resolve("other"), "a");
        Path settings = Files.writeString(folder.resolve("settings.yaml"), "a");
        List<Path> inputs = List.of(model, other, settings);
        Provenance begun = Provenance.of("1.0", "PyTorch", 7, List.of("train"), inputs, CLOCK);
        Path written = Files.writeString(folder.resolve("provenance.json"), begun.json());
        assertThat(Provenance.changed(written, inputs)).isEmpty();
        Files.writeString(model, "b");
        Files.writeString(settings, "b");
        assertThat(Provenance.changed(written, inputs)).containsExactly(model.toString());
    }

    private RunFolder resume() {
        return RunFolder.resume(folder.resolve("mine"), settings(), CLOCK, notices::add);
    }

    private RunFolder create() {
        Provenance provenance = Provenance.of("1.0", "PyTorch", 7, List.of("train", "--set", "a=1"), List.of(), CLOCK);
        return RunFolder.create(settings(), "a: 1\n", provenance, CLOCK);
    }

    private RunConfig.Run settings() {
        return new RunConfig.Run("mine", folder.toString(), 1, 1, 1, 0, 2, true, null, List.of());
    }

    private static void save(RunFolder run, long step, double score) {
        run.checkpoints().save(step, score, writing("weights", Long.toString(step)));
    }

    private static void samples(RunFolder run, long step) {
        run.samples(step, writing("grid.png", "x"));
    }

    private static Consumer<Path> writing(String name, String text) {
        return fresh -> write(fresh.resolve(name), text);
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> entries(Path path) {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
