package org.imagerl.scoring;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.images.ExifOrientation;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Progress;
import org.imagerl.spi.UserException;

/**
 * Scores images by several rewards in one pass. Rows stand in the order of the images (with a groupwise reward: group
 * by group) and are on the disk batch by batch, in whatever process they are computed.
 */
public final class ScoringRun {
    private final ScoreAggregator tally;
    private final boolean groupwise;
    private int scored;

    private ScoringRun(WeightedRewards rewards) {
        this.groupwise = BatchScorer.groupwise(rewards);
        this.tally = new ScoreAggregator(rewards.names());
    }

    /**
     * How to run.
     *
     * @param batchSize images per batch; if a reward is groupwise, a batch is all images of a prompt instead
     * @param resume whether the file may exist: then what it has is not scored again
     * @param failFast whether the first image that cannot be read or scored ends the run with an error; it gets no row, so that a
     *     resumed run tries it again
     * @param source the folder or list that is scored, for the header: an absolute path, or an address
     * @param orientation what is done with the EXIF orientation of images
     * @param pairing how images came by their prompts, for the header
     */
    public record Options(
            int batchSize,
            boolean resume,
            boolean failFast,
            String source,
            ExifOrientation orientation,
            Map<String, Object> pairing) {
        /** With images as they are stored, where it is not known how they came by their prompts. */
        public Options(int batchSize, boolean resume, boolean failFast, Path source) {
            this(batchSize, resume, failFast, place(source), ExifOrientation.IGNORE, Map.of());
        }

        /** A folder or list of this machine as {@code source}. */
        public static String place(Path source) {
            return source.toAbsolutePath().normalize().toString();
        }
    }

    /**
     * Scores images to a new file.
     *
     * @param target .csv or .jsonl
     * @param batchSize as in {@link Options}
     * @param progress may stop the run; what was scored until then is written
     * @throws UserException if the file exists or cannot be written
     */
    public static ScoreSummary run(
            List<ImageItem> items, WeightedRewards rewards, int batchSize, Path target, Progress progress) {
        return run(items, rewards, new Options(batchSize, false, false, Path.of("")), target, progress);
    }

    /**
     * Scores images in this process to a file, and writes a header beside it.
     *
     * @throws UserException if the file cannot be written, was begun with other rewards, images or prompts, or an image fails and that ends the run
     */
    public static ScoreSummary run(
            List<ImageItem> items, WeightedRewards rewards, Options options, Path target, Progress progress) {
        return run(items, rewards, options, target, progress, ScoringExecutor.HERE);
    }

    /** As {@link #run(List, WeightedRewards, Options, Path, Progress)}, with the rows of another process, or of several. */
    public static ScoreSummary run(
            List<ImageItem> items,
            WeightedRewards rewards,
            Options options,
            Path target,
            Progress progress,
            ScoringExecutor executor) {
        ScoringRun run = new ScoringRun(rewards);
        List<String> names = run.tally.names();
        ScoreWriter.check(target.toString(), names);
        Assignment assignment = new Assignment(items);
        ScoreHeader header = ScoreHeader.of(rewards, options, assignment);
        boolean resumed = options.resume && Files.exists(target);
        ScoreHeader before = resumed ? ScoreHeader.read(target) : null;
        if (before != null) {
            header.requireSame(before, target);
        }
        try (ScoreFile file = resumed
                ? ScoreFile.resume(target, names, row -> {
                    assignment.done(row);
                    run.tally.add(row);
                })
                : ScoreFile.create(target, names)) {
            List<ImageItem> left = assignment.left(target.toString(), executor::found, run.tally::addSource);
            header.write(target);
            if (run.groupwise) {
                requireWholeGroups(groupSizes(items, executor), groupSizes(left, executor), target);
            }
            int rowsBefore = items.size() - left.size();
            executor.score(
                    rewards,
                    options,
                    left,
                    batch -> {
                        run.take(batch, options, file);
                        progress.update("score", rowsBefore + run.scored, items.size(), "");
                    },
                    progress::stopped);
        }
        return run.tally.summary(rewards, header, items.size(), run.scored);
    }

    /**
     * Requires whole groups: if a killed run had written a part of a group, the rest would be scored as a group of its
     * own.
     */
    private static void requireWholeGroups(Map<String, Integer> sizes, Map<String, Integer> left, Path target) {
        left.forEach((prompt, size) -> {
            if (size < sizes.getOrDefault(prompt, 0)) {
                throw UserException.input(target + ": has some of the images of the prompt '" + prompt
                        + "', but not all, and a reward looks at all of them together; delete its lines and"
                        + " resume again");
            }
        });
    }

    private static Map<String, Integer> groupSizes(List<ImageItem> items, ScoringExecutor executor) {
        Map<String, Integer> sizes = new HashMap<>();
        items.forEach(item -> sizes.merge(executor.found(item).prompt().id(), 1, Integer::sum));
        return sizes;
    }

    private void take(ScoredBatch batch, Options options, ScoreFile file) {
        List<ScoreRow> rows = batch.rows();
        if (options.failFast) {
            requireAll(rows, file);
        }
        tally.add(batch);
        scored += rows.size();
        file.write(rows);
    }

    /** Keeps the rows before the first that has an error, but no part of a group: the rest of it would be scored by itself. */
    private void requireAll(List<ScoreRow> rows, ScoreFile file) {
        for (int i = 0; i < rows.size(); i++) {
            ScoreRow row = rows.get(i);
            if (!row.error().isEmpty()) {
                file.write(groupwise ? List.of() : rows.subList(0, i));
                throw UserException.input(row.name() + ": has no score: " + row.error()
                        + "; the run ends here because of --fail-fast; mend it and go on by --resume");
            }
        }
    }
}
