/** Flow-matching models: SD3 and FLUX checkpoints, flow dynamics, Flow-GRPO, GRPO-Guard, Advantage Weighted Matching. */
@NullMarked
package org.imagerl.flow;

import org.jspecify.annotations.NullMarked;
