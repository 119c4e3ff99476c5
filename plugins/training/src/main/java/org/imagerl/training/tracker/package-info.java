/** What takes the numbers and images of a run beside its own log, for programs that draw them. */
@NullMarked
package org.imagerl.training.tracker;

import org.jspecify.annotations.NullMarked;
