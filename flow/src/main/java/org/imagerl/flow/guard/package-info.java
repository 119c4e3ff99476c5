/**
 * What belongs to GRPO-Guard alone (Wang et al., GRPO-Guard: Mitigating Implicit Over-Optimization in Flow Matching via Regulated Clipping,
 * 2025, arXiv 2510.22319): its ratio and its timestep weight.
 */
@NullMarked
package org.imagerl.flow.guard;

import org.jspecify.annotations.NullMarked;
