package org.imagerl.spi;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Scores images. Implementations are thread-safe, deterministic, and give an image the same score whatever else is in
 * the batch (except {@link Scope#GROUPWISE} ones, which see a whole group at a time).
 */
public interface Reward extends AutoCloseable {

    /** Whether a score depends on the other images of the batch. */
    enum Scope {
        POINTWISE,
        /** {@link #score} is called once per prompt group with all its images. */
        GROUPWISE
    }

    /**
     * What the numbers mean.
     *
     * @param min lowest possible score; negative infinity if unbounded
     * @param max highest possible score; infinity if unbounded
     * @param higherIsBetter whether a better image has the higher score
     * @param unit what one unit is, for people: "kB", "share of letters right"
     */
    record Spec(Scope scope, double min, double max, boolean higherIsBetter, String unit) {

        /** For people: {@code 0.0 to 1.0, share of letters right, higher is better}; {@code any number} without bounds. */
        public String describe() {
            String range = Double.isInfinite(min) && Double.isInfinite(max)
                    ? "any number"
                    : Double.isInfinite(max)
                            ? min + " or more"
                            : Double.isInfinite(min) ? max + " or less" : min + " to " + max;
            return range + ", " + unit + ", " + (higherIsBetter ? "higher" : "lower") + " is better";
        }
    }

    /** What the numbers mean. */
    Spec spec();

    /**
     * An image whose score is known.
     *
     * @param image its file
     * @param prompt empty for a reward of the image alone
     * @param score what the published code gives
     * @param tolerance greatest difference that is allowed
     */
    record Golden(Path image, String prompt, double score, double tolerance) {}

    /** Files that scores depend on: models, tokenizers, alphabets. Their hashes are written beside scores. */
    default List<Path> files() {
        return List.of();
    }

    /** What a person who doubts a score would want to know of how it is made, by name, in a good order to read. */
    default Map<String, String> facts() {
        return Map.of();
    }

    /** Images whose score is known; empty if there are none. */
    default List<Golden> golden() {
        return List.of();
    }

    /**
     * Fails early, before any image is made, if a prompt cannot be scored (for instance an OCR prompt without quotes).
     *
     * @throws UserException naming the prompt and the remedy
     */
    default void check(Prompt prompt) {}

    /**
     * Fails early if the score cannot be trained on as it is weighed. Called where a recipe of parts trains on the reward, not where it is only
     * watched: by an evaluation, or by an objective of its own.
     *
     * @param prompt as an epoch is trained on it, with the values that it is conditioned on
     * @param weight in the sum of rewards
     * @param ranked whether the rank in the group takes the place of the score
     * @throws UserException with the reason and the remedy
     */
    default void checkTrained(Prompt prompt, double weight, boolean ranked) {}

    /**
     * Fails early, before any image is made, if images of a size cannot be scored. By default all sizes can.
     *
     * @param width of the images that will be made, in pixels
     * @param height of the images that will be made, in pixels
     * @throws UserException naming both sizes and the remedy
     */
    default void checkSize(int width, int height) {}

    /**
     * Scores images, in their order. An image that cannot be scored gets {@link Score#failed}, never a silent zero.
     *
     * @param images what to score, any sizes
     * @param prompts the prompt of each image, as many as images
     * @return a score per image
     */
    List<Score> score(List<RgbImage> images, List<Prompt> prompts);

    /**
     * Statistics of many scores beside their mean, for instance the F1 score of classes.
     *
     * @param scores as {@link #score} gave them, failed ones too, in whatever batches
     * @param prompts the prompt of each score
     * @return numbers by snake_case name, which is not {@code mean}; a number that is not known is left out
     */
    default Map<String, Double> summary(List<Score> scores, List<Prompt> prompts) {
        return Map.of();
    }

    /** Frees native memory. */
    @Override
    default void close() {}
}
