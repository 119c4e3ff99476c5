/** The verbs of training; loaded only where the modules of training are. */
@NullMarked
package org.imagerl.cli.train;

import org.jspecify.annotations.NullMarked;
