package org.imagerl.training.work;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;

/**
 * The result of a rollout, as bytes: images and scores, without trajectories.
 *
 * @param cost of computing it
 * @param rewards the scores of all samples; without columns where nothing was asked to score them
 * @param samples each sample
 */
public record RolloutResult(WorkCost cost, RewardTable rewards, List<Sample> samples) {

    /**
     * The result of one sample.
     *
     * @param width of the image in pixels; 0 if there is none
     * @param height of the image in pixels; 0 if there is none
     * @param reason why there is no image; empty if there is one
     */
    public record Sample(int width, int height, String reason) {}

    /** The result, then the bytes of each image: none of a sample without one. */
    public static List<byte[]> write(WorkCost cost, Rollout rollout) {
        List<Sample> samples = new ArrayList<>();
        List<byte[]> images = new ArrayList<>();
        for (ImageOrReason made : rollout.images()) {
            RgbImage image = made.image();
            samples.add(
                    image == null
                            ? new Sample(0, 0, made.reason())
                            : new Sample(image.width(), image.height(), made.reason()));
            images.add(image == null ? new byte[0] : image.rgb());
        }
        List<byte[]> bytes = new ArrayList<>();
        bytes.add(WorkFormat.write(new RolloutResult(cost, rollout.rewards(), samples)));
        bytes.addAll(images);
        return bytes;
    }

    /** The result at the beginning of what {@link #write} gave. */
    public static RolloutResult of(List<byte[]> bytes) {
        return WorkFormat.read(RolloutResult.class, bytes.get(0));
    }

    /**
     * The images.
     *
     * @param bytes as {@link #write} gave them
     * @throws UserException if these are others
     */
    public List<ImageOrReason> images(List<byte[]> bytes) {
        IntPredicate wrong = count -> count != samples.size();
        List<Integer> scores =
                rewards.columns().stream().map(column -> column.scores().size()).toList();
        if (wrong.test(bytes.size() - 1) || scores.stream().anyMatch(wrong::test)) {
            throw UserException.input("a rollout of " + samples.size() + " samples: has " + (bytes.size() - 1)
                    + " images, and of scores for each reward " + scores);
        }
        List<ImageOrReason> images = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            Sample sample = samples.get(i);
            images.add(
                    new ImageOrReason(sample.width() == 0 ? null : image(sample, bytes.get(i + 1)), sample.reason()));
        }
        return images;
    }

    private static RgbImage image(Sample sample, byte[] rgb) {
        try {
            return new RgbImage(sample.width(), sample.height(), rgb);
        } catch (IllegalArgumentException e) {
            throw UserException.input("a rollout: " + e.getMessage(), e);
        }
    }
}
