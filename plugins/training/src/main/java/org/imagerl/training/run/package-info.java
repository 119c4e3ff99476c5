/** The folder of a run: what is in it, and how it stays whole whatever happens to the process. */
@NullMarked
package org.imagerl.training.run;

import org.jspecify.annotations.NullMarked;
