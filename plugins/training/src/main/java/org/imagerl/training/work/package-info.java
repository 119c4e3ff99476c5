/**
 * What a run has computed, and who computes it: units of work in names and numbers alone, which another process with the same configuration computes to
 * the same numbers, and executors that take them.
 */
@NullMarked
package org.imagerl.training.work;

import org.jspecify.annotations.NullMarked;
