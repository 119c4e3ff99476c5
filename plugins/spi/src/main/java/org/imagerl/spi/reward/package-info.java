/** Kinds of rewards beside the plain one: those that a program brings itself, and those with a gradient. */
@NullMarked
package org.imagerl.spi.reward;

import org.jspecify.annotations.NullMarked;
