/**
 * The training loop in small pieces, in the order of the data: {@link org.imagerl.training.loop.Rollouts}, rewards, advantages,
 * {@link org.imagerl.training.loop.PolicyUpdater}, {@link org.imagerl.training.loop.Evaluation}, checkpoints.
 * {@link org.imagerl.training.loop.TrainingLoop} names them all; no piece knows which algorithm it serves.
 */
@NullMarked
package org.imagerl.training.loop;

import org.jspecify.annotations.NullMarked;
