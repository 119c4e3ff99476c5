/**
 * Work that must end in time: calls of native libraries, which must not be running when the library is torn down, and the time limit for
 * one image.
 */
@NullMarked
package org.imagerl.spi.work;

import org.jspecify.annotations.NullMarked;
