/** Numbers that a run measures. */
@NullMarked
package org.imagerl.spi.metric;

import org.jspecify.annotations.NullMarked;
