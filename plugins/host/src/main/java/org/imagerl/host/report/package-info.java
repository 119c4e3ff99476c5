/** The numbers of a run: written, read back and drawn. */
@NullMarked
package org.imagerl.host.report;

import org.jspecify.annotations.NullMarked;
