package org.imagerl.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Score;
import org.imagerl.spi.run.EpochScores;
import org.imagerl.spi.run.Tracker;
import org.imagerl.testkit.TrackerContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpochLogTest extends TrackerContract {
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC);

    @TempDir
    private Path folder;

    @Override
    protected Tracker create(Path run) {
        return log(run);
    }

    @Override
    protected List<Long> epochs(Path run) {
        return log(run).read().stream().map(EpochLog.Line::step).toList();
    }

    private static EpochLog log(Path run) {
        return new EpochLog(run.resolve(EpochLog.NAME), CLOCK);
    }

    private EpochLog.Line line(EpochScores scores) {
        EpochLog log = log(folder);
        log.begin(folder, -1);
        log.scores(1, scores);
        log.metrics(1, new TreeMap<>());
        return log.read().get(0);
    }

    private static List<Score> scores(double... values) {
        return java.util.Arrays.stream(values)
                .mapToObj(value -> Double.isNaN(value) ? Score.failed("no letters") : Score.of(value))
                .toList();
    }

    @Test
    void scoresAreCountedInEqualPartsOfTheirRange() {
        Prompt prompt = Prompt.of("0", "a sign");
        EpochLog.Line line = line(new EpochScores(
                Collections.nCopies(5, prompt),
                List.of(new EpochScores.Column("ocr", 2, scores(0, 12, 11.9, 24, Double.NaN)))));
        RewardHistogram ocr = line.rewards().get(0);
        assertThat(line.rewards()).hasSize(1);
        assertThat(ocr.low()).isEqualTo(0);
        assertThat(ocr.high()).isEqualTo(24);
        assertThat(ocr.counts()).hasSize(24).startsWith(1, 0).endsWith(0, 1);
        assertThat(ocr.counts().subList(10, 14)).containsExactly(0, 1, 1, 0);
        assertThat(ocr.failed()).isEqualTo(1);
        assertThat(ocr.reasons()).containsExactly(new RewardHistogram.Reason("no letters", 1));
        assertThat(line.prompts()).containsExactly(new PromptScore("a sign", 5, 1, 2 * 47.9 / 4));
        assertThat(line.clockSeconds()).isEqualTo(1.7e9);
    }

    @Test
    void severalRewardsHaveTheirWeightedSumFirst() {
        List<Prompt> prompts = List.of(Prompt.of("0", "a"), Prompt.of("1", "a"));
        EpochLog.Line line = line(new EpochScores(
                prompts,
                List.of(
                        new EpochScores.Column("x", 1, scores(1, 2)),
                        new EpochScores.Column("y", -0.5, scores(2, Double.NaN)))));
        assertThat(line.rewards()).extracting(RewardHistogram::name).containsExactly(EpochLog.SUM, "x", "y");
        assertThat(line.rewards().get(0).low()).isEqualTo(0);
        assertThat(line.rewards().get(0).failed()).isEqualTo(1);
        // Two prompts of the same text are two: groups are formed by the id.
        assertThat(line.prompts()).containsExactly(new PromptScore("a", 1, 0, 0.0), new PromptScore("a", 1, 1, null));
    }

    @Test
    void anEpochWithoutAnyScoreHasAnEmptyHistogram() {
        EpochLog.Line line = line(new EpochScores(
                List.of(Prompt.of("0", "a")), List.of(new EpochScores.Column("x", 1, scores(Double.NaN)))));
        assertThat(line.rewards().get(0).counts()).isEmpty();
        assertThat(line.rewards().get(0).failed()).isEqualTo(1);
    }

    /** A thousand of the largest lines have 80 MB. */
    @Test
    void aLineIsBounded() throws IOException {
        String text = "\uD83D\uDE00".repeat(5000);
        List<Prompt> prompts =
                IntStream.range(0, 200).mapToObj(i -> Prompt.of("" + i, text)).toList();
        List<Score> failed =
                IntStream.range(0, 200).mapToObj(i -> Score.failed(i + text)).toList();
        EpochLog.Line line = line(new EpochScores(
                prompts,
                IntStream.range(0, 50)
                        .mapToObj(i -> new EpochScores.Column("r" + i, 1, failed))
                        .toList()));
        assertThat(line.prompts()).hasSize(EpochLog.PROMPTS);
        assertThat(line.promptsLeftOut()).isEqualTo(200 - EpochLog.PROMPTS);
        assertThat(line.rewards()).hasSize(1 + EpochLog.REWARDS);
        assertThat(line.prompts().get(0).prompt()).endsWith("\uD83D\uDE00…");
        assertThat(Files.size(folder.resolve(EpochLog.NAME))).isLessThan(80_000);
    }

    @Test
    void aMalformedLineIsNamed() throws IOException {
        Files.writeString(folder.resolve(EpochLog.NAME), "{\"step\":1}\n");
        assertThatThrownBy(() -> log(folder).read()).hasMessageContaining("epochs.jsonl:1: is no line of epochs");
    }
}
