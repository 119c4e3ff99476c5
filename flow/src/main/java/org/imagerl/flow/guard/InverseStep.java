package org.imagerl.flow.guard;

import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TransitionKernel;

/**
 * GRPO-Guard's gradient reweighting (Wang et al., 2025, arXiv 2510.22319, section 4.2). The gradient of the normalised log-ratio by the denoiser's output
 * is {@code z dmu/do / D}, so that steps count as much as their mean moves with the output; each is divided by that:
 *
 * <ul>
 *   <li>Flow-SDE: 1 / h, h = t - t', as published; it leaves 1 + a^2 / 2 at every step, and 1 at t = 1
 *   <li>Dance-SDE: {@code 1 / (h (1 + eta^2 (1 - t) / (2 t)))}
 *   <li>CPS: {@code 1 / ((1 - t') t - t' cos(a pi / 2) (1 - t))}
 *   <li>DDIM with eta 1 on predicted noise, with beta = 1 - abar_t / abar_t' of the step: {@code sqrt((1 - beta) (1 - abar_t)) / beta}
 * </ul>
 */
public final class InverseStep implements StepWeight {

    @Override
    public double weight(TransitionKernel kernel, int step) {
        return kernel.ratioNormFactor(step);
    }
}
