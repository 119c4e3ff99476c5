/**
 * What the transformers of SD3 and FLUX have in common: joint blocks over text and image, adaptive norms, the embedding of time
 * and pooled text. A sequence always holds the text's tokens first and the image's after them.
 */
@NullMarked
package org.imagerl.flow.transformer;

import org.jspecify.annotations.NullMarked;
