/** Rewards that a program brings itself. */
@NullMarked
package org.imagerl.spi.reward;

import org.jspecify.annotations.NullMarked;
