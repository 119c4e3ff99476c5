package org.imagerl.diffusion.schedule;

/**
 * Where a step ends whose previous timestep would be negative; it is the last one of most grids. The two differ only when
 * the checkpoint sets alpha to one at the end (Stable Diffusion's do not).
 */
public enum LastStep {
    /**
     * At {@link NoiseSchedule#end}, as diffusers' {@code DDIMScheduler}. When that is alphaBar 1, the step has no noise at
     * any eta and so no density: it cannot be trained.
     */
    SCHEDULE_END,
    /**
     * At timestep 0, as ddpo-pytorch, which clamps the previous timestep: noisy when eta is positive, unless the step begins
     * at timestep 0 too (linspace spacing).
     */
    TIMESTEP_ZERO
}
