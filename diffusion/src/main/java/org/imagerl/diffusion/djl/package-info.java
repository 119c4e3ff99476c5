/**
 * The door for users of DJL: a checkpoint folder through {@code Criteria} as a {@code ZooModel<String, Image>}, see
 * {@link org.imagerl.diffusion.djl.TextToImage}.
 */
@NullMarked
package org.imagerl.diffusion.djl;

import org.jspecify.annotations.NullMarked;
