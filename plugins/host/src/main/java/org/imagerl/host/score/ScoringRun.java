package org.imagerl.host.score;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;

/**
 * Scores pictures by several rewards in one pass: each picture is decoded once, while others are scored, two batches are in memory at a
 * time, and a picture that fails is a row with the reason, never a zero. Rows stand in the order of the pictures (with a groupwise reward:
 * group by group) and are on the disk batch by batch.
 */
public final class ScoringRun {
    private final WeightedRewards rewards;
    private final Tally tally;
    private int scored;

    private ScoringRun(WeightedRewards rewards) {
        this.rewards = rewards;
        this.tally = new Tally(rewards.names());
    }

    /**
     * How to run.
     *
     * @param batchSize pictures per batch; if a reward is groupwise, a batch is all pictures of a prompt instead
     * @param resume whether the file may exist: then what it has is not scored again
     * @param failFast whether the first picture that cannot be read or scored ends the run with an error; it gets no row, so that a
     *     resumed run tries it again
     * @param source the folder or list that is scored, for the header
     */
    public record Options(int batchSize, boolean resume, boolean failFast, Path source) {}

    /**
     * Scores pictures to a new file.
     *
     * @param target .csv or .jsonl
     * @param batchSize as in {@link Options}
     * @param progress may stop the run; what was scored until then is written
     * @throws UserException if the file exists or cannot be written
     */
    public static ScoreSummary run(
            List<Picture> pictures, WeightedRewards rewards, int batchSize, Path target, Progress progress) {
        return run(pictures, rewards, new Options(batchSize, false, false, Path.of("")), target, progress);
    }

    /**
     * Scores pictures to a file, and writes a header beside it.
     *
     * @throws UserException if the file cannot be written, was begun with other rewards, or a picture fails and that ends the run
     */
    public static ScoreSummary run(
            List<Picture> pictures, WeightedRewards rewards, Options options, Path target, Progress progress) {
        ScoringRun run = new ScoringRun(rewards);
        List<String> names = run.tally.names();
        ScoreWriter.check(target.toString(), names);
        ScoreHeader header = ScoreHeader.of(rewards, options.source);
        boolean resumed = options.resume && Files.exists(target);
        ScoreHeader before = resumed ? ScoreHeader.read(target) : null;
        if (before != null) {
            header.requireSame(before, target);
        }
        Map<String, Integer> done = new HashMap<>();
        try (ScoreFile file = resumed
                ? ScoreFile.resume(target, names, row -> {
                    done.merge(row.name(), 1, Integer::sum);
                    run.tally.add(row);
                })
                : ScoreFile.create(target, names)) {
            header.write(target);
            List<Picture> left = pictures.stream()
                    .filter(picture -> done.merge(picture.name(), -1, Integer::sum) < 0)
                    .toList();
            if (run.groupwise()) {
                requireWholeGroups(pictures, left, target);
            }
            run.all(left, options, file, pictures.size(), progress);
        }
        return run.tally.summary(rewards, header, pictures.size(), run.scored);
    }

    /** What is left of a group that was written in part, by a run that was killed meanwhile, would be scored as a group of its own. */
    private static void requireWholeGroups(List<Picture> all, List<Picture> left, Path target) {
        Map<String, Integer> sizes = groupSizes(all);
        groupSizes(left).forEach((prompt, size) -> {
            if (size < sizes.getOrDefault(prompt, 0)) {
                throw UserException.input(
                        target + ": has some of the pictures of the prompt '" + prompt
                                + "', but not all, and a reward looks at all of them together; delete its lines and resume again");
            }
        });
    }

    private static Map<String, Integer> groupSizes(List<Picture> pictures) {
        Map<String, Integer> sizes = new HashMap<>();
        pictures.forEach(picture -> sizes.merge(picture.prompt().id(), 1, Integer::sum));
        return sizes;
    }

    private void all(List<Picture> pictures, Options options, ScoreFile file, int total, Progress progress) {
        int before = total - pictures.size();
        List<List<Picture>> batches = List.copyOf(batches(pictures, options.batchSize));
        try (Decoding decoding = new Decoding()) {
            List<Future<Decoding.Decoded>> next = batches.isEmpty() ? List.of() : decoding.begin(batches.get(0));
            for (int i = 0; i < batches.size() && !progress.stopped(); i++) {
                List<Future<Decoding.Decoded>> current = next;
                next = i + 1 < batches.size() ? decoding.begin(batches.get(i + 1)) : List.of();
                List<ScoreRow> rows = score(current.stream().map(Decoding::get).toList());
                if (options.failFast) {
                    requireAll(rows, file);
                }
                file.write(rows);
                progress.update("score", before + scored, total, "");
            }
        }
    }

    /** Keeps the rows before the first that has an error, but no part of a group: the rest of it would be scored by itself. */
    private void requireAll(List<ScoreRow> rows, ScoreFile file) {
        for (int i = 0; i < rows.size(); i++) {
            ScoreRow row = rows.get(i);
            if (!row.error().isEmpty()) {
                file.write(groupwise() ? List.of() : rows.subList(0, i));
                throw UserException.input(row.name() + ": has no score: " + row.error()
                        + "; the run ends here because of --fail-fast; mend it and go on by --resume");
            }
        }
    }

    private boolean groupwise() {
        return rewards.entries().stream()
                .anyMatch(entry -> entry.reward().spec().scope() == Reward.Scope.GROUPWISE);
    }

    private Collection<List<Picture>> batches(List<Picture> pictures, int size) {
        boolean groupwise = groupwise();
        Map<Object, List<Picture>> batches = new LinkedHashMap<>();
        for (int i = 0; i < pictures.size(); i++) {
            Picture picture = pictures.get(i);
            batches.computeIfAbsent(groupwise ? picture.prompt().id() : i / size, key -> new ArrayList<>())
                    .add(picture);
        }
        return batches.values();
    }

    private List<ScoreRow> score(List<Decoding.Decoded> batch) {
        List<RgbImage> images = new ArrayList<>();
        List<Prompt> prompts = new ArrayList<>();
        for (Decoding.Decoded decoded : batch) {
            if (decoded.image() != null) {
                images.add(decoded.image());
                prompts.add(decoded.prompt());
            }
        }
        RewardTable table = rewards.score(images, prompts);
        List<ScoreRow> rows = new ArrayList<>();
        int index = 0;
        for (Decoding.Decoded decoded : batch) {
            rows.add(
                    decoded.image() != null
                            ? ScoreRow.of(decoded.picture().name(), decoded.prompt(), table, index++)
                            : ScoreRow.unreadable(
                                    decoded.picture().name(), decoded.prompt(), rewards.entries(), decoded.error()));
        }
        scored += batch.size();
        rows.forEach(tally::add);
        tally.addTimes(table, batch.size() - images.size());
        return rows;
    }
}
