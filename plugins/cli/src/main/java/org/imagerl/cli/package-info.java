/** The commands: one class a verb, thin over host; and what a console needs: progress, interruption, errors. */
@NullMarked
package org.imagerl.cli;

import org.jspecify.annotations.NullMarked;
