/** The command line, put together from the verbs of its packages. */
@NullMarked
package org.imagerl.cli;

import org.jspecify.annotations.NullMarked;
