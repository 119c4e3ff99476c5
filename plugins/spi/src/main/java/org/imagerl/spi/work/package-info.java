/**
 * Work that has to come to an end: calls of native libraries, which must not be in flight when the library is torn down, and the time
 * that one image may take.
 */
@NullMarked
package org.imagerl.spi.work;

import org.jspecify.annotations.NullMarked;
