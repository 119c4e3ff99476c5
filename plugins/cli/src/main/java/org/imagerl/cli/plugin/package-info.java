/** The verbs that say what is installed, and whether it works. */
@NullMarked
package org.imagerl.cli.plugin;

import org.jspecify.annotations.NullMarked;
