package org.imagerl.scoring;

import java.io.Serializable;
import java.util.List;
import java.util.function.UnaryOperator;
import org.imagerl.images.DecodedImage;
import org.imagerl.scoring.reward.RewardTable;

/**
 * The results of a batch of images, wherever it was scored.
 *
 * @param images in their order
 * @param milliseconds that each reward took, in the order of the rewards
 */
public record ScoredBatch(List<Scored> images, List<Double> milliseconds) implements Serializable {

    /**
     * An image and what was noticed while it was read.
     *
     * @param row for the results
     * @param promptSource where its prompt is from, in words
     * @param promptProblem why there is no prompt although the file says something; else empty
     * @param unusedOrientation its EXIF orientation if that was not applied; else 1
     * @param moreFrames whether only the first of several frames was scored
     * @param unreadable whether it could not be read
     */
    public record Scored(
            ScoreRow row,
            String promptSource,
            String promptProblem,
            int unusedOrientation,
            boolean moreFrames,
            boolean unreadable)
            implements Serializable {

        static Scored of(ImagePrefetcher.Decoded decoded, ScoreRow row) {
            DecodedImage image = decoded.image();
            return new Scored(
                    row,
                    decoded.found().source(),
                    decoded.found().reason(),
                    image == null ? 1 : image.unusedOrientation(),
                    image != null && image.moreFrames(),
                    image == null);
        }
    }

    static ScoredBatch of(List<Scored> images, RewardTable table) {
        return new ScoredBatch(
                images,
                table.columns().stream().map(RewardTable.Column::milliseconds).toList());
    }

    /** The same with other words in what is told of images: the files that were read may be copies of what is meant. */
    public ScoredBatch told(UnaryOperator<String> words) {
        return new ScoredBatch(
                images.stream()
                        .map(one -> new Scored(
                                one.row.withError(words.apply(one.row.error())),
                                one.promptSource,
                                words.apply(one.promptProblem),
                                one.unusedOrientation,
                                one.moreFrames,
                                one.unreadable))
                        .toList(),
                milliseconds);
    }

    /** The rows for the results. */
    List<ScoreRow> rows() {
        return images.stream().map(Scored::row).toList();
    }
}
