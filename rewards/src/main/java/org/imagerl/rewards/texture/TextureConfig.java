package org.imagerl.rewards.texture;

import org.imagerl.spi.Source;

/**
 * What texture is compared with.
 *
 * @param reference folder of images (PNG, JPEG, BMP, TIFF) whose texture is right, at least 16
 */
@Source("reference")
record TextureConfig(String reference) {}
