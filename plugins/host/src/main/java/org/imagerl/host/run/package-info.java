/** The folder of a run: what is in it, and how it stays whole whatever happens to the process. */
@NullMarked
package org.imagerl.host.run;

import org.jspecify.annotations.NullMarked;
