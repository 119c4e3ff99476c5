package org.imagerl.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PngWriter;
import org.imagerl.scoring.reward.RewardEntry;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.Statistics;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Context;
import org.imagerl.spi.NoConfig;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Claim;
import org.imagerl.testkit.TestPlugin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoringRunTest {
    private static final Progress QUIET = (stage, done, total, detail) -> {};

    @TempDir
    private Path folder;

    @Test
    void everyImageIsARowAndFailuresSayWhy() throws IOException {
        png("a.png", 2, 10, Map.of("prompt", "first, \"quoted\""));
        png("b.png", 1, 20, Map.of());
        Files.writeString(folder.resolve("c.png"), "no image");
        png("d.png", 2, 30, Map.of("prompt", "unscorable"));
        Path target = folder.resolve("scores.csv");
        ScoreSummary summary = ScoringRun.run(ImageFinder.find(folder, null, null), rewards(), 3, target, QUIET);
        List<String> lines = Files.readAllLines(target);
        assertThat(lines.get(0)).isEqualTo("file_name,prompt,red,blue,error,details");
        assertThat(lines.get(1))
                .isEqualTo("a.png,\"first, \"\"quoted\"\"\",10.0,10.0,,"
                        + "\"{\"\"blue.channel\"\":\"\"2\"\",\"\"red.channel\"\":\"\"0\"\"}\"");
        assertThat(lines.get(2))
                .isEqualTo("b.png,,,,red: an image of one pixel has no brightness; "
                        + "blue: an image of one pixel has no brightness,");
        assertThat(lines.get(3)).startsWith("c.png,,,,").contains("c.png");
        assertThat(lines.get(4))
                .isEqualTo("d.png,unscorable,,,red: cannot score unscorable prompts; "
                        + "blue: cannot score unscorable prompts,");
        assertThat(summary.images()).isEqualTo(4);
        assertThat(summary.unreadable()).isEqualTo(1);
        assertThat(summary.rewards().get(0).errors()).isEqualTo(3);
        assertThat(summary.rewards().get(0).statistics()).isEqualTo(Statistics.of(10));
        assertThat(summary.json()).contains("\"mean\" : 10.0", "\"errors\" : 3", "\"unit\" : \"mean level\"");
        List<String> table = summary.table().lines().toList();
        assertThat(table.get(1)).matches("red +1 +10.00 +0.000 .* 3 +higher");
        assertThat(table).anyMatch(line -> line.matches("red +mean level"));
    }

    @Test
    void resultsAreTheSameWhateverTheBatch() throws IOException {
        for (int i = 0; i < 5; i++) {
            png(i + ".png", 2, 40 * i, Map.of("prompt", "p" + i % 2));
        }
        List<String> results = new ArrayList<>();
        for (int batch : new int[] {1, 2, 5, 100}) {
            Path target = folder.resolve("scores-" + batch + ".jsonl");
            ScoringRun.run(ImageFinder.find(folder, null, null), rewards(), batch, target, QUIET);
            results.add(Files.readString(target));
        }
        assertThat(results).containsOnly(results.get(0));
        assertThat(results.get(0))
                .startsWith("{\"file_name\":\"0.png\",\"prompt\":\"p0\",\"red\":0.0,\"blue\":0.0,\"error\":null,"
                        + "\"details\":{\"blue.channel\":\"2\",\"red.channel\":\"0\"}}\n");
    }

    @Test
    void aImageMayBeListedTwice() throws IOException {
        png("a.png", 2, 5, Map.of());
        ImageItem item = ImageFinder.find(folder, "x", null).get(0);
        Path target = folder.resolve("s.jsonl");
        ScoreSummary summary = ScoringRun.run(List.of(item, item), rewards(), 2, target, QUIET);
        assertThat(summary.rewards().get(0).statistics().n()).isEqualTo(2);
        assertThat(Files.readAllLines(target)).hasSize(2);
    }

    @Test
    void promptsComeFromListsOptionsOrTheFilesThemselves() throws IOException {
        png("a.png", 2, 0, Map.of("prompt", "chunk"));
        png("b.png", 2, 0, Map.of("prompt", "chunk"));
        Files.writeString(folder.resolve("b.txt"), "sidecar\n");
        assertThat(prompts(folder, null, null)).containsExactly("a.png chunk", "b.png sidecar");
        assertThat(prompts(folder, "all", null)).containsExactly("a.png all", "b.png all");
        assertThat(prompts(folder.resolve("a.png"), null, null)).containsExactly("a.png chunk");
        Path list = Files.writeString(folder.resolve("prompts.txt"), "one\ntwo\n");
        assertThat(prompts(folder, null, null)).containsExactly("a.png one", "b.png two");
        assertThat(prompts(folder.resolve("a.png"), null, null)).containsExactly("a.png chunk");
        Path named = Files.writeString(
                folder.resolve("x.jsonl"),
                "{\"file_name\":\"b.png\",\"prompt\":\"B\"}\n{\"file_name\":\"b.png\",\"prompt\":\"again\"}\n");
        assertThat(prompts(named, null, null)).containsExactly("b.png B", "b.png again");
        assertThat(prompts(folder, null, named)).containsExactly("b.png B", "b.png again");
        assertThatThrownBy(() -> prompts(folder, null, folder.resolve("x.parquet")))
                .hasMessageContaining("x.parquet: is read by the plugin imagerl-parquet");
        Files.writeString(list, "one\n");
        assertThatThrownBy(() -> prompts(folder, null, null))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has 1 prompts for 2 images");
    }

    @Test
    void nothingToScoreIsAnError() {
        assertThatThrownBy(() -> prompts(folder, null, null)).hasMessageContaining("has no images");
        assertThatThrownBy(() -> prompts(folder.resolve("x"), null, null)).hasMessageContaining("no such file");
    }

    @Test
    void otherFormatsAndReservedNamesAreRefusedAndNothingIsLeft() throws IOException {
        png("a.png", 2, 0, Map.of());
        List<ImageItem> items = ImageFinder.find(folder, "x", null);
        assertThatThrownBy(() -> ScoringRun.run(items, rewards(), 1, folder.resolve("scores.xls"), QUIET))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(".csv or .jsonl");
        WeightedRewards named =
                new WeightedRewards(List.of(new WeightedRewards.Entry("prompt", 1, new TestPlugin.Channel(0))));
        assertThatThrownBy(() -> ScoringRun.run(items, named, 1, folder.resolve("scores.csv"), QUIET))
                .hasMessageContaining("cannot be named prompt");
        assertThat(folder.toFile().list()).containsExactly("a.png");
    }

    @Test
    void aStoppedRunKeepsWhatItHas() throws IOException {
        png("a.png", 2, 0, Map.of());
        png("b.png", 2, 0, Map.of());
        Path target = folder.resolve("s.jsonl");
        ScoreSummary summary = ScoringRun.run(ImageFinder.find(folder, "x", null), rewards(), 1, target, once());
        assertThat(summary.stopped()).isTrue();
        assertThat(summary.images()).isEqualTo(1);
        assertThat(Files.readAllLines(target)).hasSize(1);
    }

    /** Stops after the first batch. */
    @Test
    void aFileWhoseFolderIsMovedAwayIsAnErrorAndGoesOnWhereItLies() throws IOException {
        for (int i = 0; i < 3; i++) {
            png(i + ".png", 2, 40 * i, Map.of());
        }
        List<ImageItem> items = ImageFinder.find(folder, "x", null);
        Path out = Files.createDirectory(folder.resolve("out"));
        Path moved = folder.resolve("moved");
        ScoringRun.Options options = new ScoringRun.Options(1, true, false, folder);
        Progress mover = (stage, done, total, detail) -> {
            if (done == 1) {
                assertThat(out.toFile().renameTo(moved.toFile())).isTrue();
            }
        };
        Path target = out.resolve("s.csv");
        assertThatThrownBy(() -> ScoringRun.run(items, rewards(), options, target, mover))
                .isInstanceOfSatisfying(
                        UserException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(UserException.Kind.ENVIRONMENT))
                .hasMessageContaining("s.csv")
                .hasMessageContaining("--resume");
        ScoringRun.run(items, rewards(), options, moved.resolve("s.csv"), QUIET);
        assertThat(Files.readAllLines(moved.resolve("s.csv"))).hasSize(4);
    }

    private static Progress once() {
        int[] updates = new int[1];
        return new Progress() {
            @Override
            public void update(String stage, long done, long total, String detail) {
                updates[0]++;
            }

            @Override
            public boolean stopped() {
                return updates[0] == 1;
            }
        };
    }

    @Test
    void aResumedRunEndsAsOneThatWasNotInterrupted() throws IOException {
        for (int i = 0; i < 5; i++) {
            png(i + ".png", 2, 40 * i, Map.of("prompt", "p" + i % 2 + ", \"quoted\"\nline"));
        }
        List<ImageItem> items = ImageFinder.find(folder, null, null);
        for (String ending : List.of(".csv", ".jsonl")) {
            Path whole = folder.resolve("whole" + ending);
            Path part = folder.resolve("part" + ending);
            ScoreSummary expected = ScoringRun.run(items, rewards(), 2, whole, QUIET);
            ScoringRun.Options options = new ScoringRun.Options(2, true, false, folder);
            ScoreSummary begun = ScoringRun.run(items, rewards(), options, part, once());
            assertThat(begun.stopped()).isTrue();
            assertThat(begun.images()).isEqualTo(2);
            Files.writeString(part, "4.png,\"half a li\nne", StandardOpenOption.APPEND); // killed while it wrote
            if (ending.equals(".jsonl")) {
                Files.writeString(part, Files.readString(part).replace("half a li\nne", "half a line"));
            }
            ScoreSummary resumed = ScoringRun.run(items, rewards(), options, part, QUIET);
            assertThat(Files.readString(part)).isEqualTo(Files.readString(whole));
            assertThat(resumed.images()).isEqualTo(5);
            assertThat(resumed.promptSources()).isEqualTo(expected.promptSources());
            assertThat(resumed.stopped()).isFalse();
            assertThat(resumed.groups()).isEqualTo(expected.groups()).hasSize(2);
            assertThat(resumed.rewards().get(0).statistics())
                    .isEqualTo(expected.rewards().get(0).statistics());
            String once = Files.readString(part);
            ScoringRun.run(items, rewards(), options, part, QUIET);
            assertThat(Files.readString(part)).as("nothing left to do").isEqualTo(once);
        }
    }

    @Test
    void twoProcessesDoNotWriteOneFile() throws IOException {
        png("a.png", 2, 1, Map.of());
        Path target = folder.resolve("s.csv");
        List<ImageItem> items = ImageFinder.find(folder, null, null);
        ScoringRun.Options options = new ScoringRun.Options(2, true, false, folder);
        try (Claim other = Claim.of(target, "held")) {
            assertThatThrownBy(() -> ScoringRun.run(items, rewards(), options, target, QUIET))
                    .hasMessageContaining("another process is writing these results");
            other.release();
        }
        ScoringRun.run(items, rewards(), options, target, QUIET);
        assertThat(folder.resolve(".s.csv.lock")).doesNotExist();
        try (Claim other = Claim.of(target, "held")) {
            assertThatThrownBy(() -> ScoringRun.run(items, rewards(), options, target, QUIET))
                    .hasMessageContaining("another process is writing these results");
            other.release();
        }
    }

    @Test
    void aRunIsResumedOnlyWithTheRewardsThatBeganIt() throws IOException {
        png("0.png", 2, 40, Map.of());
        List<ImageItem> items = ImageFinder.find(folder, "x", null);
        Path target = folder.resolve("s.csv");
        ScoringRun.Options options = new ScoringRun.Options(2, true, false, folder);
        ScoringRun.run(items, rewards(), options, target, QUIET);
        WeightedRewards other = new WeightedRewards(List.of(
                new WeightedRewards.Entry("red", 1, new TestPlugin.Channel(3)),
                new WeightedRewards.Entry("blue", 1, new TestPlugin.Channel(2))));
        assertThatThrownBy(() -> ScoringRun.run(items, other, options, target, QUIET))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("was begun with another reward red");
        Files.delete(folder.resolve("s.header.json"));
        WeightedRewards fewer =
                new WeightedRewards(List.of(new WeightedRewards.Entry("red", 1, new TestPlugin.Channel(0))));
        assertThatThrownBy(() -> ScoringRun.run(items, fewer, options, target, QUIET))
                .hasMessageContaining("has the rewards [red, blue], not [red]");
    }

    @Test
    void aRunIsNotResumedWithOtherImagesOrPrompts() throws IOException {
        for (int i = 0; i < 12; i++) {
            png(i + ".png", 2, 10 * i, Map.of());
        }
        List<String> prompts =
                IntStream.range(0, 12).mapToObj(i -> "prompt " + i).toList();
        Path list = Files.write(folder.resolve("prompts.txt"), prompts);
        ScoringRun.Options options = new ScoringRun.Options(5, true, false, folder);
        for (String ending : List.of(".csv", ".jsonl")) {
            Path target = folder.resolve("s" + ending);
            ScoringRun.run(ImageFinder.find(folder, null, null), rewards(), options, target, once());
            String begun = Files.readString(target);
            List<ImageItem> fewer = new ArrayList<>(ImageFinder.find(folder, null, null));
            fewer.remove(11);
            assertThatThrownBy(() -> ScoringRun.run(fewer, rewards(), options, target, QUIET))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("was begun with other images or prompts (12 images then, 11 now)");
            Files.write(
                    list, prompts.stream().map(text -> text.replace('7', '8')).toList());
            assertThatThrownBy(() ->
                            ScoringRun.run(ImageFinder.find(folder, null, null), rewards(), options, target, QUIET))
                    .hasMessageContaining("was begun with other images or prompts (12 images then, 12 now)");
            Files.write(list, prompts);
            assertThat(Files.readString(target)).isEqualTo(begun);
            ScoringRun.run(ImageFinder.find(folder, null, null), rewards(), options, target, QUIET);
            assertThat(Files.readAllLines(target)).hasSize(ending.equals(".csv") ? 13 : 12);
            Files.delete(folder.resolve("s.header.json"));
        }
    }

    @Test
    void rowsOfPromptsThatImagesBringThemselvesAreComparedToo() throws IOException {
        png("a.png", 2, 10, Map.of());
        png("b.png", 2, 20, Map.of());
        Path caption = Files.writeString(folder.resolve("a.txt"), "=one");
        ScoringRun.Options options = new ScoringRun.Options(1, true, false, folder);
        Path target = folder.resolve("s.csv");
        ScoringRun.run(ImageFinder.find(folder, null, null), rewards(), options, target, once());
        Files.writeString(caption, "two");
        assertThatThrownBy(
                        () -> ScoringRun.run(ImageFinder.find(folder, null, null), rewards(), options, target, QUIET))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has a score of \"a.png\" with the prompt \"=one\"");
        Files.writeString(caption, "=one");
        ScoreSummary summary = ScoringRun.run(ImageFinder.find(folder, null, null), rewards(), options, target, QUIET);
        assertThat(summary.images()).isEqualTo(2);
    }

    @Test
    void aCaptionThatIsNoTextIsSaidAndAFileThatIsNoneIsAResultWithItsReason() throws IOException {
        png("a.png", 2, 10, Map.of("prompt", "chunk"));
        Files.write(folder.resolve("a.txt"), new byte[] {'x', (byte) 0xFC});
        Path list = Files.writeString(
                folder.resolve("x.jsonl"),
                "{\"file_name\":\"a.png\"}\n{\"file_name\":\"/dev/zero\",\"prompt\":\"x\"}\n{\"file_name\":\"b.png\"}");
        List<ImageItem> items = ImageFinder.look(list, new ImageFinder.Request(null, null, true), Tables.ON_BOARD)
                .items();
        Path target = folder.resolve("s.jsonl");
        ScoreSummary summary = ScoringRun.run(items, rewards(), 2, target, QUIET);
        assertThat(summary.notes()).anyMatch(line -> line.contains("a.txt:1: is not UTF-8"));
        assertThat(Files.readAllLines(target))
                .hasSize(3)
                .anyMatch(line -> line.contains("\"a.png\"") && line.contains("\"red\":10.0"))
                .anyMatch(line -> line.contains("/dev/zero: is a device") || line.contains("/dev/zero: no such file"))
                .anyMatch(line -> line.contains("b.png: no such file"));
    }

    @Test
    void anImageWhosePromptCannotBeReadIsInNoGroup() throws IOException {
        png("a.png", 2, 10, Map.of());
        png("b.png", 2, 20, Map.of());
        png("c.png", 2, 30, Map.of());
        Files.write(folder.resolve("b.txt"), new byte[] {'x', (byte) 0xFC});
        Path target = folder.resolve("s.jsonl");
        try (WeightedRewards ranked = WeightedRewards.create(
                List.of(new RewardEntry(part("up", true), null, 1, true, 120)),
                new Context(folder, "cpu", 1, line -> {}))) {
            ScoringRun.run(ImageFinder.find(folder, null, null), ranked, 2, target, QUIET);
        }
        assertThat(Files.readAllLines(target))
                .hasSize(3)
                .anyMatch(line -> line.contains("\"b.png\"")
                        && line.contains("compares the images of a prompt")
                        && line.contains("b.txt:1: is not UTF-8"))
                .filteredOn(line -> line.contains("\"error\":null"))
                .hasSize(2);
    }

    @Test
    void theFirstFailureEndsARunThatIsToFailFastAndResumingTriesItAgain() throws IOException {
        for (int i = 0; i < 5; i++) {
            png(i + ".png", 2, 40 * i, Map.of("prompt", "p" + i / 3));
        }
        Path target = folder.resolve("s.jsonl");
        Path whole = folder.resolve("whole.jsonl");
        ScoringRun.Options fast = new ScoringRun.Options(2, true, true, folder);
        ScoringRun.run(ImageFinder.find(folder, null, null), rewards(), 2, whole, QUIET);
        png("3.png", 1, 0, Map.of("prompt", "p1"));
        assertThatThrownBy(() -> ScoringRun.run(ImageFinder.find(folder, null, null), rewards(), fast, target, QUIET))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("3.png: has no score: red: an image of one pixel has no brightness")
                .hasMessageContaining("--resume");
        assertThat(Files.readAllLines(target)).hasSize(3);
        png("3.png", 2, 120, Map.of("prompt", "p1"));
        ScoringRun.run(ImageFinder.find(folder, null, null), rewards(), fast, target, QUIET);
        assertThat(target).hasSameTextualContentAs(whole);
    }

    @Test
    void noPartOfAGroupIsKeptWhenARunFailsFast() throws IOException {
        for (int i = 0; i < 4; i++) {
            png(i + ".png", i == 3 ? 1 : 2, 40 * i, Map.of("prompt", "p" + i / 2));
        }
        Path target = folder.resolve("s.jsonl");
        try (WeightedRewards ranked = WeightedRewards.create(
                List.of(new RewardEntry(part("up", true), null, 1, true, 120)),
                new Context(folder, "cpu", 1, line -> {}))) {
            ScoringRun.Options fast = new ScoringRun.Options(2, false, true, folder);
            assertThatThrownBy(() -> ScoringRun.run(ImageFinder.find(folder, null, null), ranked, fast, target, QUIET))
                    .hasMessageStartingWith("3.png");
            List<String> lines = Files.readAllLines(target);
            assertThat(lines).hasSize(2);
            Files.write(target, lines.subList(0, 1)); // as of a run that was killed while it wrote
            ScoringRun.Options resume = new ScoringRun.Options(2, true, false, folder);
            assertThatThrownBy(
                            () -> ScoringRun.run(ImageFinder.find(folder, null, null), ranked, resume, target, QUIET))
                    .hasMessageContaining("has some of the images of the prompt 'p0', but not all");
        }
    }

    @Test
    void theSummaryHasGroupsAndTheHeader() throws IOException {
        png("a.png", 2, 10, Map.of("prompt", "p"));
        png("b.png", 2, 30, Map.of("prompt", "p"));
        png("c.png", 2, 50, Map.of("prompt", "q"));
        ScoreSummary summary =
                ScoringRun.run(ImageFinder.find(folder, null, null), rewards(), 2, folder.resolve("s.csv"), QUIET);
        assertThat(summary.groups()).hasSize(2);
        assertThat(summary.groups().get(0).statistics().get("red")).isEqualTo(Statistics.of(10, 30));
        assertThat(summary.json()).contains("\"groups\"", "\"higher_is_better\" : true", "\"sha256\"");
        assertThat(folder.resolve("s.header.json")).exists();
    }

    @Test
    void twoFilesOfResultsAreCompared() throws IOException {
        for (String side : List.of("a", "b")) {
            Files.createDirectory(folder.resolve(side));
            for (int i = 0; i < 4; i++) {
                int level = side.equals("a") ? 40 * i : 40 * i + (i == 3 ? -10 : 10);
                PngWriter.write(
                        folder.resolve(side).resolve(i + ".png"), even(2, level), Map.of("prompt", "p" + i / 2));
            }
            ScoringRun.run(
                    ImageFinder.find(folder.resolve(side), null, null),
                    rewards(),
                    new ScoringRun.Options(2, false, false, folder.resolve(side)),
                    folder.resolve(side + (side.equals("a") ? ".csv" : ".jsonl")),
                    QUIET);
        }
        Comparison comparison = Comparison.of(folder.resolve("a.csv"), folder.resolve("b.jsonl"), null);
        Comparison.Line red = comparison.lines().get(0);
        assertThat(red.n()).isEqualTo(4);
        assertThat(red.meanB() - red.meanA()).isEqualTo(5);
        assertThat(red.winRate()).isEqualTo(0.75);
        // Wilson's interval for 3 of 4, as statsmodels' proportion_confint gives it.
        assertThat(red.low()).isCloseTo(0.3006, within(1e-4));
        assertThat(red.high()).isCloseTo(0.9544, within(1e-4));
        assertThat(red.pairwiseAccuracy()).isEqualTo(1);
        assertThat(red.orderedPairs()).isEqualTo(2);
        assertThat(red.spearman()).isEqualTo(1);
        assertThat(comparison.table()).contains("wins 75.0 %").contains("3 better, 1 worse, 0 equal");
        assertThat(ImageDecoder.decode(ExtremesSheet.png(comparison, 2), "sheet")
                        .height())
                .isPositive();
        assertThat(Comparison.of(folder.resolve("a.csv"), folder.resolve("b.jsonl"), "red:blue")
                        .lines()
                        .get(0)
                        .reward())
                .isEqualTo("red:blue");
        assertThatThrownBy(() -> Comparison.of(folder.resolve("a.csv"), folder.resolve("b.jsonl"), "green"))
                .hasMessageContaining("[red, blue]");
    }

    @Test
    void ranksAgreeAsScipySays() {
        double[] a = {1, 2, 2, 4, 5};
        double[] b = {2, 1, 3, 5, 5};
        assertThat(RankCorrelation.spearman(a, b)).isCloseTo(0.7894736842105263, within(1e-12));
        assertThat(RankCorrelation.Pairs.of(a, b)).isEqualTo(new RankCorrelation.Pairs(7, 8));
        assertThat(RankCorrelation.spearman(new double[] {0.0, -0.0, 1}, new double[] {2, 2, 3}))
                .isEqualTo(1);
    }

    @Test
    void totalsAreWeightedAndMissingWhereAPartIs() {
        RewardTable table = rewards().score(images(10, -1, 30), prompts(3));
        assertThat(table.totals()).containsExactly(10 * 0.5 - 10, Double.NaN, 30 * 0.5 - 30);
        table.requireSome();
        RewardTable twice = RewardTable.concat(List.of(table, table));
        assertThat(twice.size()).isEqualTo(6);
        assertThat(twice.columns().get(1).values()).containsExactly(10, Double.NaN, 30, 10, Double.NaN, 30);
    }

    @Test
    void aRewardThatAlwaysFailsStopsWithItsReason() {
        assertThatThrownBy(() -> rewards().score(images(-1, -1), prompts(2)).requireSome())
                .isInstanceOf(UserException.class)
                .hasMessage("reward red could not score any of 2 images; the first: an image of one pixel has no "
                        + "brightness");
    }

    @Test
    void aPositiveWeightOnARewardWhereLowerIsBetterIsWarnedOf() {
        List<String> warnings = new ArrayList<>();
        Context context = new Context(folder, "cpu", 1, warnings::add);
        BoundPart<Reward> lower = BoundPart.of(new TestPlugin.Made<Reward, NoConfig>(
                "noise", new NoConfig(), (config, c) -> new TestPlugin.Channel(3)));
        WeightedRewards.create(List.of(new RewardEntry(lower, null, 1, false, 120)), context)
                .close();
        WeightedRewards.create(List.of(new RewardEntry(lower, null, -1, false, 120)), context)
                .close();
        assertThat(warnings).singleElement().asString().startsWith("reward noise: lower is better");
    }

    /** What is trained on and watched too, as a score and as a rank, or twice with other weights, is loaded once. */
    @Test
    void entriesWithTheSameSettingsShareAReward() {
        AtomicInteger made = new AtomicInteger();
        BoundPart<Reward> part =
                BoundPart.of(new TestPlugin.Made<Reward, NoConfig>("counted", new NoConfig(), (config, c) -> {
                    made.incrementAndGet();
                    return new TestPlugin.Channel(0);
                }));
        try (WeightedRewards rewards = WeightedRewards.create(
                List.of(
                        new RewardEntry(part, null, 1, false, 120),
                        new RewardEntry(part, "watched", 0, false, 120),
                        new RewardEntry(part, "rank", 2, true, 120),
                        new RewardEntry(part("up", true), null, 1, false, 120)),
                new Context(folder, "cpu", 1, line -> {}))) {
            assertThat(made).hasValue(1);
            assertThat(rewards.names()).containsExactly("counted", "watched", "rank", "up");
            assertThat(rewards.entries().get(1).reward())
                    .isSameAs(rewards.entries().get(0).reward());
        }
    }

    @Test
    void groupwiseRewardsSeeAGroupAtATime() {
        List<Integer> sizes = new ArrayList<>();
        Reward ranks = new Reward() {
            @Override
            public Spec spec() {
                return new Spec(Scope.GROUPWISE, 0, 10, true, "rank");
            }

            @Override
            public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
                sizes.add(images.size());
                return images.stream().map(image -> Score.of(image.at(0, 0, 0))).toList();
            }
        };
        WeightedRewards rewards = new WeightedRewards(List.of(new WeightedRewards.Entry("ranks", 1, ranks)));
        List<Prompt> prompts = List.of(Prompt.of("a", "x"), Prompt.of("b", "x"), Prompt.of("a", "x"));
        assertThat(rewards.score(images(1, 2, 3), prompts).totals()).containsExactly(1, 2, 3);
        assertThat(sizes).containsExactly(2, 1);
    }

    @Test
    void ranksReplaceScoresAmongTheImagesOfAPrompt() {
        try (WeightedRewards rewards = WeightedRewards.create(
                List.of(
                        new RewardEntry(part("up", true), null, 1, true, 120),
                        new RewardEntry(part("down", false), null, 1, true, 120)),
                new Context(folder, "cpu", 1, line -> {}))) {
            List<Prompt> prompts = List.of(
                    Prompt.of("a", "x"),
                    Prompt.of("a", "x"),
                    Prompt.of("b", "x"),
                    Prompt.of("a", "x"),
                    Prompt.of("a", "x"),
                    Prompt.of("a", "x"));
            RewardTable table = rewards.score(images(10, 40, 7, 20, 20, -1), prompts);
            assertThat(table.columns().get(0).values()).containsExactly(0, 0.75, 0, 0.375, 0.375, Double.NaN);
            // where lower is better the best is still the highest rank
            assertThat(table.columns().get(1).values()).containsExactly(0.75, 0, 0, 0.375, 0.375, Double.NaN);
        }
    }

    private static BoundPart<Reward> part(String name, boolean higherIsBetter) {
        return BoundPart.of(
                new TestPlugin.Made<Reward, NoConfig>(name, new NoConfig(), (config, c) -> new Red(higherIsBetter)));
    }

    private record Red(boolean higherIsBetter) implements Reward {
        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, 0, 255, higherIsBetter, "level");
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            return new TestPlugin.Channel(0).score(images, prompts);
        }
    }

    @Test
    void statisticsAreThoseOfNumpy() {
        Statistics s = Statistics.of(4, 1, Double.NaN, 2, 8);
        assertThat(s.n()).isEqualTo(4);
        assertThat(s.mean()).isEqualTo(3.75);
        assertThat(s.std()).isCloseTo(2.6809513236909020, within(1e-15));
        assertThat(s.median()).isEqualTo(3);
        assertThat(s.p5()).isCloseTo(1.15, within(1e-15));
        assertThat(s.p95()).isCloseTo(7.4, within(1e-15));
        assertThat(Statistics.of().mean()).isNaN();
    }

    private static WeightedRewards rewards() {
        return new WeightedRewards(List.of(
                new WeightedRewards.Entry("red", 0.5, new TestPlugin.Channel(0)),
                new WeightedRewards.Entry("blue", -1, new TestPlugin.Channel(2))));
    }

    /** Even images of two by two pixels; one pixel for a negative level. */
    private static List<RgbImage> images(int... levels) {
        return Arrays.stream(levels)
                .mapToObj(level -> even(level < 0 ? 1 : 2, Math.max(level, 0)))
                .toList();
    }

    private static RgbImage even(int side, int level) {
        byte[] rgb = new byte[side * side * 3];
        Arrays.fill(rgb, (byte) level);
        return new RgbImage(side, side, rgb);
    }

    private static List<Prompt> prompts(int n) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            prompts.add(Prompt.of(Integer.toString(i), "x"));
        }
        return prompts;
    }

    private static List<String> prompts(Path path, String prompt, Path list) {
        return ImageFinder.find(path, prompt, list).stream()
                .map(item -> item.name() + " " + item.prompt().text())
                .toList();
    }

    private void png(String name, int side, int level, Map<String, String> texts) {
        PngWriter.write(folder.resolve(name), even(side, level), texts);
    }
}
