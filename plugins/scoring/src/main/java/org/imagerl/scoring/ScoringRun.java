package org.imagerl.scoring;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import org.imagerl.images.DecodedImage;
import org.imagerl.images.ExifOrientation;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Scores images by several rewards in one pass: each image is decoded once, while others are scored, two batches are in memory at a
 * time and less where they are large, and an image that fails is a row with the reason, never a zero. Rows stand in the order of the images (with a groupwise reward:
 * group by group) and are on the disk batch by batch.
 */
public final class ScoringRun {
    /** Of the images of a batch, decoded; two batches are in memory at a time. Rewards need as much again, and more. */
    private static final long BATCH_BYTES = Runtime.getRuntime().maxMemory() / 8;

    private final WeightedRewards rewards;
    private final ScoreAggregator tally;
    private int scored;

    private ScoringRun(WeightedRewards rewards) {
        this.rewards = rewards;
        this.tally = new ScoreAggregator(rewards.names());
    }

    /**
     * How to run.
     *
     * @param batchSize images per batch; if a reward is groupwise, a batch is all images of a prompt instead
     * @param resume whether the file may exist: then what it has is not scored again
     * @param failFast whether the first image that cannot be read or scored ends the run with an error; it gets no row, so that a
     *     resumed run tries it again
     * @param source the folder or list that is scored, for the header
     * @param orientation what is done with the EXIF orientation of images
     * @param pairing how images came by their prompts, for the header
     */
    public record Options(
            int batchSize,
            boolean resume,
            boolean failFast,
            Path source,
            ExifOrientation orientation,
            Map<String, Object> pairing) {
        /** With images as they are stored, where it is not known how they came by their prompts. */
        public Options(int batchSize, boolean resume, boolean failFast, Path source) {
            this(batchSize, resume, failFast, source, ExifOrientation.IGNORE, Map.of());
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
     * Scores images to a file, and writes a header beside it.
     *
     * @throws UserException if the file cannot be written, was begun with other rewards, images or prompts, or an image fails and that ends the run
     */
    public static ScoreSummary run(
            List<ImageItem> items, WeightedRewards rewards, Options options, Path target, Progress progress) {
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
            List<ImageItem> left = assignment.left(target.toString(), run.tally::addSource);
            header.write(target);
            if (run.groupwise()) {
                requireWholeGroups(items, left, target);
            }
            run.all(left, options, file, items.size(), progress);
        }
        return run.tally.summary(rewards, header, items.size(), run.scored);
    }

    /** What is left of a group that was written in part, by a run that was killed meanwhile, would be scored as a group of its own. */
    private static void requireWholeGroups(List<ImageItem> all, List<ImageItem> left, Path target) {
        Map<String, Integer> sizes = groupSizes(all);
        groupSizes(left).forEach((prompt, size) -> {
            if (size < sizes.getOrDefault(prompt, 0)) {
                throw UserException.input(target + ": has some of the images of the prompt '" + prompt
                        + "', but not all, and a reward looks at all of them together; delete its lines and"
                        + " resume again");
            }
        });
    }

    private static Map<String, Integer> groupSizes(List<ImageItem> items) {
        Map<String, Integer> sizes = new HashMap<>();
        items.forEach(item -> sizes.merge(item.prompt().id(), 1, Integer::sum));
        return sizes;
    }

    private void all(List<ImageItem> items, Options options, ScoreFile file, int total, Progress progress) {
        int before = total - items.size();
        try (ImagePrefetcher decoding = new ImagePrefetcher(options.orientation)) {
            Batches batches = new Batches(items, options.batchSize, groupwise(), BATCH_BYTES, decoding);
            Reading next = batches.hasNext() ? new Reading(batches.next()) : null;
            while (next != null && !progress.stopped()) {
                Reading current = next;
                current.begin(decoding);
                next = batches.hasNext() ? new Reading(batches.next()) : null;
                if (next != null && current.batch.bytes() + next.batch.bytes() <= 2 * BATCH_BYTES) {
                    next.begin(decoding);
                }
                List<ScoreRow> rows = scoreSurely(
                        groupwise()
                                ? current.decoded().stream()
                                        .map(ScoringRun::ofAGroup)
                                        .toList()
                                : current.decoded());
                if (options.failFast) {
                    requireAll(rows, file);
                }
                file.write(rows);
                progress.update("score", before + scored, total, "");
            }
        }
    }

    /** A batch that is decoded, or will be. */
    private static final class Reading {
        private final Batches.Batch batch;
        private @Nullable List<Future<ImagePrefetcher.Decoded>> futures;

        Reading(Batches.Batch batch) {
            this.batch = batch;
        }

        void begin(ImagePrefetcher decoding) {
            if (futures == null) {
                futures = batch.fits() ? decoding.begin(batch.items()) : List.of();
            }
        }

        List<ImagePrefetcher.Decoded> decoded() {
            if (batch.fits()) {
                return Objects.requireNonNull(futures).stream()
                        .map(ImagePrefetcher::get)
                        .toList();
            }
            String reason = "the " + batch.items().size() + " images of its prompt take " + (batch.bytes() >> 20)
                    + " MiB together, and a reward compares them with each other; at most " + (BATCH_BYTES >> 19)
                    + " MiB are read at a time: raise Java's memory, for instance with IMAGERL_JAVA_OPTS=-Xmx8g";
            return batch.items().stream()
                    .map(item -> new ImagePrefetcher.Decoded(item, item.found(), null, reason))
                    .toList();
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

    /** An image of a prompt that cannot be read belongs to no group: among those without a prompt it would be compared with others. */
    private static ImagePrefetcher.Decoded ofAGroup(ImagePrefetcher.Decoded decoded) {
        ImageItem.Found found = decoded.found();
        if (decoded.image() == null || !found.source().equals(ImageItem.Found.UNREADABLE)) {
            return decoded;
        }
        String reason =
                "a reward compares the images of a prompt, and that of this image is not known: " + found.reason();
        return new ImagePrefetcher.Decoded(decoded.item(), found, null, reason);
    }

    private boolean groupwise() {
        return rewards.entries().stream()
                .anyMatch(entry -> entry.reward().spec().scope() == Reward.Scope.GROUPWISE);
    }

    /** Scores a batch, one image after the other if memory runs out; what then still needs too much is a row with the reason. */
    private List<ScoreRow> scoreSurely(List<ImagePrefetcher.Decoded> batch) {
        try {
            return score(batch);
        } catch (RuntimeException | OutOfMemoryError e) {
            if (!ranOutOfMemory(e)) {
                throw e;
            }
            boolean apart = batch.size() > 1 && !groupwise();
            return apart
                    ? batch.stream()
                            .flatMap(one -> scoreSurely(List.of(one)).stream())
                            .toList()
                    : score(batch.stream().map(ScoringRun::withoutMemory).toList());
        }
    }

    private static boolean ranOutOfMemory(@Nullable Throwable e) {
        return e != null && (e instanceof OutOfMemoryError || ranOutOfMemory(e.getCause()));
    }

    private static ImagePrefetcher.Decoded withoutMemory(ImagePrefetcher.Decoded decoded) {
        DecodedImage image = decoded.image();
        if (image == null) {
            return decoded;
        }
        String reason = "memory ran out while this image of " + image.image().width() + " x "
                + image.image().height() + " pixels was scored; raise it, for instance with IMAGERL_JAVA_OPTS=-Xmx8g";
        return new ImagePrefetcher.Decoded(decoded.item(), decoded.found(), null, reason);
    }

    private List<ScoreRow> score(List<ImagePrefetcher.Decoded> batch) {
        List<RgbImage> images = ImagePrefetcher.images(batch);
        List<Prompt> prompts = batch.stream()
                .filter(decoded -> decoded.image() != null)
                .map(decoded -> decoded.found().prompt())
                .toList();
        RewardTable table = rewards.score(images, prompts);
        List<ScoreRow> rows = new ArrayList<>();
        int index = 0;
        for (ImagePrefetcher.Decoded decoded : batch) {
            rows.add(decoded.image() != null ? row(decoded, table, index++) : unreadable(decoded));
            tally.add(decoded);
        }
        scored += batch.size();
        rows.forEach(tally::add);
        tally.addTimes(table, batch.size() - images.size());
        return rows;
    }

    /** A row; where a reward fails, after the reason why the file gives no prompt, which may be why. */
    private static ScoreRow row(ImagePrefetcher.Decoded decoded, RewardTable table, int index) {
        ImageItem.Found found = decoded.found();
        ScoreRow row = ScoreRow.of(decoded.item().name(), found.prompt(), table, index);
        return row.error().isEmpty() || found.reason().isEmpty()
                ? row
                : row.withError("no prompt was found: " + found.reason() + "; " + row.error());
    }

    private ScoreRow unreadable(ImagePrefetcher.Decoded decoded) {
        return ScoreRow.unreadable(decoded.item().name(), decoded.found().prompt(), rewards.entries(), decoded.error());
    }
}
