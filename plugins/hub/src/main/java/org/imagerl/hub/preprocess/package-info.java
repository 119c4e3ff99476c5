/**
 * From an image to the numbers that a vision model takes: what {@code preprocessor_config.json} and manifests say, resizing, cropping,
 * normalising.
 */
@NullMarked
package org.imagerl.hub.preprocess;

import org.jspecify.annotations.NullMarked;
