/** How rewards spread images over threads, one image per thread, and the time that it takes. */
@NullMarked
package org.imagerl.rewards.work;

import org.jspecify.annotations.NullMarked;
