/**
 * The door for users of DJL: a checkpoint folder through {@code Criteria} as a {@code ZooModel<String, Image>}, see
 * {@link org.imagerl.training.djl.TextToImage}.
 */
@NullMarked
package org.imagerl.training.djl;

import org.jspecify.annotations.NullMarked;
