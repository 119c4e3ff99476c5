package org.imagerl.diffusion.schedule;

/**
 * How noisy a latent is: {@code x = alpha x0 + sigma eps} with {@code alpha^2 + sigma^2 = 1}.
 *
 * @param alphaBar alpha squared, the cumulative product of (1 - beta): 0 (pure noise) to 1 (clean)
 */
public record NoiseLevel(double alphaBar) {

    /** Checks the range. */
    public NoiseLevel {
        if (!(alphaBar >= 0 && alphaBar <= 1)) {
            throw new IllegalArgumentException("alphaBar is " + alphaBar + "; expected 0 to 1");
        }
    }

    /** Factor of the clean latent. */
    public double alpha() {
        return Math.sqrt(alphaBar);
    }

    /** Factor of the noise. */
    public double sigma() {
        return Math.sqrt(1 - alphaBar);
    }
}
