package org.imagerl.spi;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Something that a checkpoint is conditioned on beside the prompt, with weights of its own. Its values stand in the metadata of prompts.
 */
public interface Augmentation {

    /**
     * The checkpoint with the new input.
     *
     * @param base closed with the result
     * @throws UserException if it does not fit; then base stays open
     */
    Pipeline augment(Pipeline base);

    /**
     * Makes sure that a checkpoint can get the new input and then be trained. By default every one can.
     *
     * @throws UserException if it cannot, with the reason
     */
    default void check(CheckpointOutline base, TuningSpec tuning) {}

    /**
     * Makes sure that the checkpoint with the new input can make images of a size. By default it can make all sizes.
     *
     * @param width of the images that will be made, in pixels
     * @param height of the images that will be made, in pixels
     * @throws UserException if it cannot, naming both sizes and the remedy
     */
    default void checkSize(int width, int height) {}

    /** The prompts that are trained on: prompts with these values, at least one for each given one. */
    List<Prompt> prompts(List<Prompt> prompts);

    /**
     * One of them as one epoch is trained on it, where its values are drawn anew. By default as it is.
     *
     * @param seed of this prompt in this epoch; what is drawn depends on nothing else
     */
    default Prompt drawn(Prompt prompt, long seed) {
        return prompt;
    }

    /** The values that a prompt has for it, for people, by the names that people use. By default nothing. */
    default Map<String, String> asked(Prompt prompt) {
        return Map.of();
    }

    /** Files of earlier trainings that it is made from; by default none. */
    default List<Path> files() {
        return List.of();
    }

    /**
     * A prompt with such values.
     *
     * @param wishes by name
     * @throws UserException if a name or value is unknown
     */
    Prompt ask(Prompt prompt, Map<String, String> wishes);
}
