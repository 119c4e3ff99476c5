package org.imagerl.spi.data;

import org.imagerl.spi.ImageSize;
import org.jspecify.annotations.Nullable;

/**
 * An image on disk that is trained on.
 *
 * @param file its absolute path; a source that has the example reads it
 * @param advantage as of a sample of a rollout: 1 for a demonstration and for the chosen image of a pair, -1 for the rejected one
 * @param size that it is trained at; null is that of the run
 */
public record StoredImage(
        String file, double advantage, @Nullable ImageSize size) {

    /** At the size of the run. */
    public StoredImage(String file, double advantage) {
        this(file, advantage, null);
    }

    /** At another size. */
    public StoredImage at(ImageSize other) {
        return new StoredImage(file, advantage, other);
    }
}
