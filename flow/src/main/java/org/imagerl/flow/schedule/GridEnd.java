package org.imagerl.flow.schedule;

/**
 * The last time of a grid before 0, ahead of shifting. The scheduler's configuration does not have it: diffusers'
 * pipelines choose it, and differ.
 */
public enum GridEnd {
    /**
     * The smallest time of training, as the scheduler does it when the pipeline gives no times (SD3). A static shift is applied to it twice, once
     * by the scheduler's training times and once with the whole grid: that is how published samples are made, so it is kept.
     */
    TRAINED,
    /** 1 / N, one step before 0 (FLUX). */
    ONE_STEP
}
