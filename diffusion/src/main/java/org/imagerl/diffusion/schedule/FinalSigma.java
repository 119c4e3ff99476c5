package org.imagerl.diffusion.schedule;

import java.util.Locale;

/** The noise level at which the last step ends. */
public enum FinalSigma {
    /** No noise. */
    ZERO,
    /** The least noise that the denoiser was trained on. */
    SIGMA_MIN;

    /** The name in {@code scheduler_config.json}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
