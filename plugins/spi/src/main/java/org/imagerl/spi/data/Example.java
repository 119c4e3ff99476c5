package org.imagerl.spi.data;

import java.util.List;
import org.imagerl.spi.Prompt;

/**
 * A prompt and its images on disk.
 *
 * @param prompt its id is unique in the source, its metadata are the further fields of the example
 * @param images as many for every example of a source: of a pair first the chosen, then the rejected one
 */
public record Example(Prompt prompt, List<StoredImage> images) {
    /** Copies the list. */
    public Example {
        images = List.copyOf(images);
    }
}
