/** Images on disk that a run trains on: demonstrations and preference pairs. */
@NullMarked
package org.imagerl.spi.data;

import org.jspecify.annotations.NullMarked;
