/** A generated training set of small images of digits with captions, for checkpoints that are made to be trained on. */
@NullMarked
package org.imagerl.latent.pretrain.words;

import org.jspecify.annotations.NullMarked;
