/** Readers of text as rewards with a gradient: networks that are stored as ONNX, computed with tensors, and the likelihood of a text. */
@NullMarked
package org.imagerl.latent.reader;

import org.jspecify.annotations.NullMarked;
