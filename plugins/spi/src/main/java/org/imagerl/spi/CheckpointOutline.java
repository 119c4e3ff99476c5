package org.imagerl.spi;

/** What a checkpoint says of itself without its weights. */
public interface CheckpointOutline {

    /** The size that the checkpoint was trained for. */
    ImageSize defaultSize();

    /**
     * How noise is mixed in over time for images of a size in pixels: some families shift their grid with it.
     *
     * @throws UserException if the size does not fit the network
     */
    Schedule schedule(int width, int height);

    /** Whether the denoiser paints into images: then it needs {@link Pipeline#MASKED_IMAGE} beside the prompt. */
    default boolean paintsIn() {
        return false;
    }
}
