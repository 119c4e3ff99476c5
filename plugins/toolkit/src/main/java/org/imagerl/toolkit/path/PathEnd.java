package org.imagerl.toolkit.path;

/** Which images of a path are scored. */
public sealed interface PathEnd {

    /** The finished ones. */
    record Finished() implements PathEnd {}

    /**
     * Those that the denoiser predicts at one of the last steps, the same for all samples of an update: what the clean latents would be (Xu et al.,
     * ImageReward: Learning and Evaluating Human Preferences for Text-to-Image Generation, 2023, arXiv 2304.05977, ReFL; and DRTune).
     *
     * @param steps among how many of the last steps it is drawn, at least 1; more than there are is all
     */
    record Predicted(int steps) implements PathEnd {
        /** Checks the range. */
        public Predicted {
            if (steps < 1) {
                throw new IllegalArgumentException("steps must be at least 1");
            }
        }
    }

    /**
     * The finished ones, and the same ones made noisy again to the level of the last step and denoised by that step: the gradient is the mean of
     * all of them (DRaFT-LV, which adds them up). Without the noise of the last step, if it has any.
     *
     * @param draws noises for each image, at least 1
     */
    record Renoised(int draws) implements PathEnd {
        /** Checks the range. */
        public Renoised {
            if (draws < 1) {
                throw new IllegalArgumentException("draws must be at least 1");
            }
        }
    }
}
