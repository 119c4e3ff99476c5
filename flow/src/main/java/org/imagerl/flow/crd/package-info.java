/**
 * Centered reward distillation (Diffusion Reinforcement Learning via Centered Reward Distillation, 2026, arXiv 2603.14128): the rewards that a policy implies are
 * regressed on those that it got, both less their means over a prompt's images.
 */
@NullMarked
package org.imagerl.flow.crd;

import org.jspecify.annotations.NullMarked;
