/** How rewards spread images over threads, one image per thread. */
@NullMarked
package org.imagerl.rewards.work;

import org.jspecify.annotations.NullMarked;
