/**
 * The training loop in small pieces, in the order of the data: {@link org.imagerl.host.train.Rollouts}, rewards, advantages, {@link
 * org.imagerl.host.train.Updates}, {@link org.imagerl.host.train.Evaluation}, checkpoints. {@link org.imagerl.host.train.Training}
 * names them all; no piece knows which algorithm it serves.
 */
@NullMarked
package org.imagerl.host.train;

import org.jspecify.annotations.NullMarked;
