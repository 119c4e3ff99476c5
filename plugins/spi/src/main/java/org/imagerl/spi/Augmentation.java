package org.imagerl.spi;

import java.util.List;
import java.util.Map;

/**
 * Something that a checkpoint is told beside the prompt, with weights of its own. What it is told stands in the metadata of prompts.
 */
public interface Augmentation {

    /**
     * The checkpoint with the new input.
     *
     * @param base closed with the result
     * @throws UserException if it does not fit; then base stays open
     */
    Pipeline augment(Pipeline base);

    /** What is trained on: prompts that say what they are told, at least one for each given one. */
    List<Prompt> prompts(List<Prompt> prompts);

    /**
     * A prompt that says what it is told.
     *
     * @param wishes by name
     * @throws UserException if a name or value is unknown
     */
    Prompt ask(Prompt prompt, Map<String, String> wishes);
}
