package org.imagerl.spi;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Images as a frozen network sees them: a vector for each, that something small can be trained on. There is no gradient
 * back to the image. Implementations are thread-safe, deterministic, and give an image the same vector whatever else is
 * in its batch.
 */
public interface Features extends AutoCloseable {
    /** The largest width: a longer vector is not one of the image, but holds one for every place in it. */
    int MAX_WIDTH = 1 << 16;

    /** Numbers in a vector, 1 to {@value #MAX_WIDTH}. */
    int width();

    /** Files that the vectors depend on, all of them there. */
    List<Path> files();

    /** What a person who doubts a vector would want to know of how it is made, by name, in a good order to read. */
    default Map<String, String> facts() {
        return Map.of();
    }

    /**
     * The vectors of images, in their order.
     *
     * @param images of any sizes
     * @return {@code [images][width]}
     * @throws UserException if an image has none, with the reason
     */
    float[][] of(List<RgbImage> images);

    /** Frees native memory. */
    @Override
    default void close() {}
}
