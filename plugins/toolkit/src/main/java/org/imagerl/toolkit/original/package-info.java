/**
 * Weights in the layout of the models' own code, as single-file checkpoints hold them, for networks whose weights have the names of diffusers
 * and transformers: which tensor of a file a weight is, or which part of it, and back.
 */
@NullMarked
package org.imagerl.toolkit.original;

import org.jspecify.annotations.NullMarked;
