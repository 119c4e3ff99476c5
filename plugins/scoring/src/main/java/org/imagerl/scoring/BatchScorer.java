package org.imagerl.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.imagerl.images.DecodedImage;
import org.imagerl.images.ExifOrientation;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.jspecify.annotations.Nullable;

/**
 * Scores images in this process: each is decoded once, while others are scored, two batches are in memory at a time, or
 * fewer where they are large, and an image that fails is a row with the reason, never a zero.
 */
public final class BatchScorer {
    /** Of the images of a batch, decoded; two batches are in memory at a time. Rewards need as much again, and more. */
    private static final long BATCH_BYTES = Runtime.getRuntime().maxMemory() / 8;

    private final WeightedRewards rewards;
    private final int batchSize;
    private final ExifOrientation orientation;
    private final boolean groupwise;

    /**
     * @param batchSize images per batch; if a reward is groupwise, a batch is all images of a prompt instead
     * @param orientation what is done with the EXIF orientation of images
     */
    public BatchScorer(WeightedRewards rewards, int batchSize, ExifOrientation orientation) {
        this.rewards = rewards;
        this.batchSize = batchSize;
        this.orientation = orientation;
        this.groupwise = groupwise(rewards);
    }

    /** Whether one of the rewards looks at all images of a prompt together. */
    public static boolean groupwise(WeightedRewards rewards) {
        return rewards.entries().stream()
                .anyMatch(entry -> entry.reward().spec().scope() == Reward.Scope.GROUPWISE);
    }

    /**
     * Scores images.
     *
     * @param items of groupwise rewards whole groups
     * @param rows takes each batch in the order of the images, or group by group
     * @param stopped is asked before each batch
     */
    public void score(List<ImageItem> items, Consumer<ScoredBatch> rows, BooleanSupplier stopped) {
        try (ImagePrefetcher decoding = new ImagePrefetcher(orientation)) {
            Batches batches = new Batches(items, batchSize, groupwise, BATCH_BYTES, decoding);
            Reading next = batches.hasNext() ? new Reading(batches.next()) : null;
            while (next != null && !stopped.getAsBoolean()) {
                Reading current = next;
                current.begin(decoding);
                next = batches.hasNext() ? new Reading(batches.next()) : null;
                if (next != null && current.batch.bytes() + next.batch.bytes() <= 2 * BATCH_BYTES) {
                    next.begin(decoding);
                }
                List<ImagePrefetcher.Decoded> decoded = current.decoded();
                scoreSurely(
                        groupwise ? decoded.stream().map(BatchScorer::ofAGroup).toList() : decoded, rows);
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

    /** Scores a batch, one image after the other if memory runs out; what then still needs too much is a row with the reason. */
    private void scoreSurely(List<ImagePrefetcher.Decoded> batch, Consumer<ScoredBatch> rows) {
        ScoredBatch scored = scoreOrNull(batch);
        if (scored != null) {
            rows.accept(scored);
        } else if (batch.size() > 1 && !groupwise) {
            batch.forEach(one -> scoreSurely(List.of(one), rows));
        } else {
            rows.accept(score(batch.stream().map(BatchScorer::withoutMemory).toList()));
        }
    }

    /** Null if memory runs out. */
    private @Nullable ScoredBatch scoreOrNull(List<ImagePrefetcher.Decoded> batch) {
        try {
            return score(batch);
        } catch (RuntimeException | OutOfMemoryError e) {
            if (!ranOutOfMemory(e)) {
                throw e;
            }
            return null;
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

    private ScoredBatch score(List<ImagePrefetcher.Decoded> batch) {
        List<RgbImage> images = ImagePrefetcher.images(batch);
        List<Prompt> prompts = batch.stream()
                .filter(decoded -> decoded.image() != null)
                .map(decoded -> decoded.found().prompt())
                .toList();
        RewardTable table = rewards.score(images, prompts);
        List<ScoredBatch.Scored> scored = new ArrayList<>();
        int index = 0;
        for (ImagePrefetcher.Decoded decoded : batch) {
            ScoreRow row = decoded.image() != null ? row(decoded, table, index++) : unreadable(decoded);
            scored.add(ScoredBatch.Scored.of(decoded, row));
        }
        return ScoredBatch.of(List.copyOf(scored), table);
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
