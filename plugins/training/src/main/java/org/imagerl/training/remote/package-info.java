/**
 * A run whose work is computed in another process: {@link org.imagerl.training.remote.ExecutorProcess} starts one on this machine and speaks to it
 * through its standard input and output, {@link org.imagerl.training.remote.ExecutorSession} is what computes there, whatever brings it the work.
 */
@NullMarked
package org.imagerl.training.remote;

import org.jspecify.annotations.NullMarked;
