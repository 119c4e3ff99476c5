/**
 * What lies beside pictures: lists of them, their captions, and which files of a folder are pictures at all. One reader for scoring,
 * training, pretraining and labels, so that a file means the same to all of them.
 */
@NullMarked
package org.imagerl.images.lists;

import org.jspecify.annotations.NullMarked;
