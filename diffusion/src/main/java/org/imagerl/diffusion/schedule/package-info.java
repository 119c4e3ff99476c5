/**
 * Noise schedules of the DDPM family and the DDIM transition, in double and without tensors.
 *
 * <p>Everything is written for {@code x_t = alpha(t) x0 + sigma(t) eps}: {@link org.imagerl.diffusion.schedule.NoiseSchedule}
 * gives alpha and sigma, {@link org.imagerl.diffusion.schedule.DdimGrid} the timesteps of a run,
 * {@link org.imagerl.diffusion.schedule.PredictionType} turns a model output into (x0, eps), and
 * {@link org.imagerl.diffusion.schedule.DdimStep} those into the mean and the standard deviation of the next latent.
 */
@NullMarked
package org.imagerl.diffusion.schedule;

import org.jspecify.annotations.NullMarked;
