package org.imagerl.training.report;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.run.EpochScores;
import org.imagerl.spi.run.Tracker;
import org.imagerl.spi.work.Memory;
import org.jspecify.annotations.Nullable;

/**
 * {@code epochs.jsonl}: a line per step of what is no single number. It stays small: per epoch at most {@link #PROMPTS} prompts and {@link #REWARDS}
 * rewards, with texts that are cut, so that a thousand epochs have about 3 MB, and 80 MB at worst.
 */
public final class EpochLog implements Tracker {
    /** Its name in the folder of a run. */
    public static final String NAME = "epochs.jsonl";

    /** The name of the weighted sum, where there are several rewards. */
    public static final String SUM = "weighted sum";

    /** Prompts of an epoch that are kept. */
    static final int PROMPTS = 64;

    /** Rewards that are kept. */
    static final int REWARDS = 16;

    private final StepLines<Line> lines;
    private final Clock clock;
    private @Nullable EpochScores scores;

    /** The log in a file, which need not exist yet. */
    public EpochLog(Path file, Clock clock) {
        lines = new StepLines<>(file, "epochs", line -> StepLines.JSON.treeToValue(line, Line.class), Line::step);
        this.clock = clock;
    }

    /**
     * One line.
     *
     * @param step epochs so far
     * @param clockSeconds when it was written, in seconds since 1970
     * @param memoryBytes what the process of the run occupied; 0 where that is not known
     * @param rewards how the scores of the epoch's images lay: the weighted sum first, if there are several rewards; none of step 0
     * @param prompts what each prompt scored
     * @param promptsLeftOut further prompts of this epoch
     */
    public record Line(
            long step,
            double clockSeconds,
            long memoryBytes,
            List<RewardHistogram> rewards,
            List<PromptScore> prompts,
            int promptsLeftOut) {

        public Line {
            rewards = List.copyOf(rewards);
            prompts = List.copyOf(prompts);
        }
    }

    @Override
    public void begin(Path run, long step) {
        lines.takeBackAfter(step);
    }

    @Override
    public void scores(long step, EpochScores of) {
        scores = of;
    }

    /**
     * Adds the line of a step, with the scores that came before.
     *
     * @throws UserException if it cannot be written
     */
    @Override
    public void metrics(long step, SortedMap<String, Double> values) {
        EpochScores of = scores;
        scores = null;
        double now = clock.millis() / 1000.0;
        long memory = Memory.residentBytes();
        if (of == null) {
            lines.append(new Line(step, now, memory, List.of(), List.of(), 0));
            return;
        }
        double[] totals = totals(of);
        List<PromptScore> prompts = PromptScore.of(of.prompts(), totals, PROMPTS);
        int all = (int)
                of.prompts().stream().map(prompt -> prompt.id()).distinct().count();
        lines.append(new Line(step, now, memory, histograms(of, totals), prompts, all - prompts.size()));
    }

    /** The weighted sum of each image; NaN where a reward has none. */
    private static double[] totals(EpochScores scores) {
        return IntStream.range(0, scores.prompts().size())
                .mapToDouble(i -> scores.rewards().stream()
                        .mapToDouble(column ->
                                column.weight() * column.scores().get(i).value())
                        .sum())
                .toArray();
    }

    private static List<RewardHistogram> histograms(EpochScores scores, double[] totals) {
        List<RewardHistogram> histograms = new ArrayList<>();
        if (scores.rewards().size() > 1) {
            List<Score> sums = Arrays.stream(totals)
                    .mapToObj(sum -> Double.isNaN(sum) ? Score.failed("a reward failed") : Score.of(sum))
                    .toList();
            histograms.add(RewardHistogram.of(SUM, sums));
        }
        scores.rewards().stream()
                .limit(REWARDS)
                .forEach(column -> histograms.add(RewardHistogram.of(column.name(), column.scores())));
        return histograms;
    }

    /**
     * All lines; none if there is no file.
     *
     * @throws UserException if a finished line is malformed, with its number
     */
    public List<Line> read() {
        return lines.read();
    }
}
