/** A part of every kind in few lines, as docs/plugins.md shows them. */
@NullMarked
package org.imagerl.samples.parts;

import org.jspecify.annotations.NullMarked;
