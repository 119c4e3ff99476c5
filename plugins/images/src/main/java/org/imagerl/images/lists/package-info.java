/**
 * Lists of images, captions beside images, and the choice of a folder's files that are images. One reader for scoring,
 * training, pretraining and labels, so that a file means the same to all of them.
 */
@NullMarked
package org.imagerl.images.lists;

import org.jspecify.annotations.NullMarked;
