package org.imagerl.latent.pretrain;

import org.imagerl.spi.RgbImage;

/** Captioned images of one size to learn from. */
interface ImageSource {

    /** An image with its caption. */
    record Captioned(RgbImage image, String caption) {}

    /** How many there are. */
    int size();

    /** The image of an index below {@link #size}. */
    Captioned get(int index);
}
