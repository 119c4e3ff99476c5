package org.imagerl.latent.pretrain;

import org.imagerl.spi.RgbImage;

/** Captioned pictures of one size to learn from. */
interface ImageSource {

    /** A picture with its caption. */
    record Captioned(RgbImage image, String caption) {}

    /** How many there are. */
    int size();

    /** The picture of an index below {@link #size}. */
    Captioned get(int index);
}
