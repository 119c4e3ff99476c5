/** The numbers of a run: written, read back and drawn. */
@NullMarked
package org.imagerl.training.report;

import org.jspecify.annotations.NullMarked;
