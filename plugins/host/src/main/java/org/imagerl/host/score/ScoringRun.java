package org.imagerl.host.score;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;

/**
 * Scores pictures by several rewards in one pass: each picture is decoded once, a batch is in memory at a time, and a picture
 * that fails is a row with the reason, never a zero.
 */
public final class ScoringRun {
    private final WeightedRewards rewards;
    private final ScoreWriter writer;
    private final List<DoubleStream.Builder> values;
    private final double[] milliseconds;
    private int looked;
    private int unreadable;

    private ScoringRun(WeightedRewards rewards, ScoreWriter writer) {
        this.rewards = rewards;
        this.writer = writer;
        this.values =
                rewards.entries().stream().map(entry -> DoubleStream.builder()).toList();
        this.milliseconds = new double[values.size()];
    }

    /**
     * Scores pictures to a file, which appears when it is complete.
     *
     * @param target .csv or .jsonl
     * @param batchSize pictures in memory at a time; if a reward is groupwise, a batch is all pictures of a prompt instead
     * @param progress may stop the run; what was scored until then is written
     * @throws UserException if the file cannot be written
     */
    public static ScoreSummary run(
            List<Picture> pictures, WeightedRewards rewards, int batchSize, Path target, Progress progress) {
        ScoreSummary[] summary = new ScoreSummary[1];
        AtomicFile.writeStream(target, out -> {
            Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
            summary[0] = run(pictures, rewards, batchSize, target.toString(), text, progress);
            text.flush();
        });
        return summary[0];
    }

    private static ScoreSummary run(
            List<Picture> pictures,
            WeightedRewards rewards,
            int batchSize,
            String fileName,
            Writer out,
            Progress progress)
            throws IOException {
        List<String> names =
                rewards.entries().stream().map(WeightedRewards.Entry::name).toList();
        ScoringRun run = new ScoringRun(rewards, ScoreWriter.of(fileName, names, out));
        for (List<Picture> batch : run.batches(pictures, batchSize)) {
            if (progress.stopped()) {
                break;
            }
            run.score(batch);
            progress.update("score", run.looked, pictures.size(), "");
        }
        return run.summary(run.looked < pictures.size());
    }

    private Collection<List<Picture>> batches(List<Picture> pictures, int size) {
        boolean groupwise = rewards.entries().stream()
                .anyMatch(entry -> entry.reward().spec().scope() == Reward.Scope.GROUPWISE);
        Map<Object, List<Picture>> batches = new LinkedHashMap<>();
        for (int i = 0; i < pictures.size(); i++) {
            Picture picture = pictures.get(i);
            batches.computeIfAbsent(groupwise ? picture.prompt().id() : i / size, key -> new ArrayList<>())
                    .add(picture);
        }
        return batches.values();
    }

    private void score(List<Picture> batch) throws IOException {
        List<RgbImage> images = new ArrayList<>();
        List<Prompt> prompts = new ArrayList<>();
        List<String> reasons = new ArrayList<>(); // why not, empty for a picture that was read
        for (Picture picture : batch) {
            try {
                images.add(ImageDecoder.decode(picture.file()));
                prompts.add(picture.prompt());
                reasons.add("");
            } catch (UserException e) {
                reasons.add(String.valueOf(e.getMessage()));
            }
        }
        RewardTable table = rewards.score(images, prompts);
        int row = 0;
        for (int i = 0; i < batch.size(); i++) {
            boolean read = reasons.get(i).isEmpty();
            writer.write(
                    read
                            ? ScoreRow.of(batch.get(i), table, row++)
                            : ScoreRow.unreadable(batch.get(i), rewards.entries(), reasons.get(i)));
        }
        looked += batch.size();
        unreadable += batch.size() - row;
        count(table);
    }

    private void count(RewardTable table) {
        for (int i = 0; i < values.size(); i++) {
            RewardTable.Column column = table.columns().get(i);
            Arrays.stream(column.values()).forEach(values.get(i)::add);
            milliseconds[i] += column.milliseconds();
        }
    }

    private ScoreSummary summary(boolean stopped) {
        List<ScoreSummary.Line> lines = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            WeightedRewards.Entry entry = rewards.entries().get(i);
            Statistics statistics = Statistics.of(values.get(i).build().toArray());
            Reward.Spec spec = entry.reward().spec();
            lines.add(new ScoreSummary.Line(
                    entry.name(),
                    statistics,
                    looked - statistics.n(),
                    spec.unit(),
                    spec.higherIsBetter(),
                    milliseconds[i] / Math.max(1, looked)));
        }
        return new ScoreSummary(looked, unreadable, stopped, lines);
    }
}
