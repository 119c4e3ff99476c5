/** How rewards do their work: a picture per thread, and what it costs. */
@NullMarked
package org.imagerl.rewards.work;

import org.jspecify.annotations.NullMarked;
