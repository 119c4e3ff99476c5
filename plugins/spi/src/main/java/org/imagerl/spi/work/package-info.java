/**
 * Threads and their work: images that are decoded or scored beside each other, the time limit for one image, and calls of native libraries,
 * which must not be running when the library is torn down.
 */
@NullMarked
package org.imagerl.spi.work;

import org.jspecify.annotations.NullMarked;
