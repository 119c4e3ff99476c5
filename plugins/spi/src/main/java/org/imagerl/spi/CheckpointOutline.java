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

    /**
     * Width of the vector that steers all blocks of the denoiser (the embedding of time, and of pooled text where there is one), to which
     * {@link Pipeline#MODULATION} is added; 0 if nothing can be added.
     */
    default int modulationWidth() {
        return 0;
    }

    /**
     * Makes sure that weights can be made trainable ({@link Pipeline#tune}). By default all that is asked for can.
     *
     * @throws UserException if no module fits, with those that there are
     */
    default void check(TuningSpec tuning) {}
}
