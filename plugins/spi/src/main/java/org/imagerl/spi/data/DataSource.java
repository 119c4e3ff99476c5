package org.imagerl.spi.data;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;

/**
 * Examples on disk: images and the prompts that they answer. As {@code data} of a run they take the place of rollouts: every epoch trains on the next
 * examples of shuffled passes. An objective that has one among its own settings ({@code PartConfig<DataSource>}) looks up what it needs. What it keeps in
 * memory does not grow with the size of the images. Several threads may call.
 */
public interface DataSource extends AutoCloseable {
    /** The most examples of held-out prompts that are kept. */
    int HELD_OUT_EXAMPLES = 256;

    /** Images of every example, at least 1: 1 for demonstrations, 2 for pairs. */
    int images();

    /** Examples to train on, at least 1; held-out ones are not among them. */
    int size();

    /**
     * An example to train on.
     *
     * @param index 0 to {@code size() - 1}, in the order of the source
     */
    Example example(int index);

    /** The examples to train on that have this text for a prompt, ascending; empty if there is none. */
    int[] examples(String text);

    /** The prompts whose examples are not trained on, each once, in the order of the source; empty if all are. */
    List<Prompt> heldOut();

    /** Examples of held-out prompts, to see what an objective says of them: the first ones, at most {@value #HELD_OUT_EXAMPLES}. By default none. */
    default List<Example> heldOutExamples() {
        return List.of();
    }

    /**
     * The sizes that examples are trained at, each once.
     *
     * @param run the size of the run's own images
     */
    default List<ImageSize> sizes(ImageSize run) {
        return List.of(run);
    }

    /**
     * The size that all images of an example are trained at, one of {@link #sizes}.
     *
     * @throws UserException if an image of it cannot be read
     */
    default ImageSize size(Example example, ImageSize run) {
        return run;
    }

    /**
     * Makes sure, as far as it can be seen without decoding, that its images can be given in the sizes of a run.
     *
     * @param size of the run's own images
     * @throws UserException naming the first that cannot, the sizes and the remedy
     */
    void check(ImageSize size);

    /**
     * Reads an image of an example.
     *
     * @param size that the source gives it, as its settings say; an image that they do not change has it already
     * @throws UserException naming the file, if it cannot be read or has another size
     */
    RgbImage image(StoredImage image, ImageSize size);

    /** The same with what was done to it. By default nothing. */
    default FramedImage framed(StoredImage image, ImageSize size) {
        return new FramedImage(image(image, size), Framing.whole(size));
    }

    /** The files whose content decides what is trained on, without the images: their hashes are written into the run's provenance. */
    List<Path> files();

    @Override
    void close();
}
