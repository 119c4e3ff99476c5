package org.imagerl.flow.schedule;

/**
 * One transition from time t to t' as a Gaussian: {@code x' ~ N(onLatent x + onOutput v, std^2)}, v the predicted velocity.
 *
 * @param time t, above t'
 * @param next t', at least 0
 * @param onLatent factor of the latent in the mean
 * @param onOutput factor of the velocity in the mean
 * @param std S per element; 0 is deterministic
 * @param ratioNormFactor as {@link org.imagerl.spi.TransitionKernel#ratioNormFactor}
 */
public record FlowStep(double time, double next, double onLatent, double onOutput, double std, double ratioNormFactor) {

    /** A step whose RatioNorm factor is the inverse of its gain. */
    public static FlowStep of(double time, double next, double onLatent, double onOutput, double std) {
        return new FlowStep(time, next, onLatent, onOutput, std, 1 / Math.abs(onOutput));
    }

    /** A step of Euler's method on {@code dx = v dt}: {@code x' = x - h v}. */
    public static FlowStep euler(double time, double next) {
        return of(time, next, 1, next - time, 0);
    }

    /** The length h = t - t'. */
    public double size() {
        return time - next;
    }
}
