/** The verbs of scoring. */
@NullMarked
package org.imagerl.cli.score;

import org.jspecify.annotations.NullMarked;
