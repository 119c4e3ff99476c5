package org.imagerl.diffusion.schedule;

import java.util.Optional;
import org.imagerl.diffusion.schedule.PredictionType.Coefficients;
import org.imagerl.spi.UserException;

/**
 * One transition of DDIM as a Gaussian: from x at noise level t and the denoiser's output o to
 * {@code N(mean(x, o), std^2)} at noise level p.
 *
 * <pre>
 *   x0   = x0FromSample x + x0FromOutput o, clamped to the clip range if there is one
 *   eps  = epsFromSample x + epsFromOutput o   (not derived again from the clamped x0)
 *   S^2  = eta^2 (1 - abar_p) / (1 - abar_t) (1 - abar_t / abar_p)
 *   mean = sqrt(abar_p) x0 + sqrt(1 - abar_p - S^2) eps
 * </pre>
 *
 * <p>Source: J. Song et al., "Denoising Diffusion Implicit Models", 2020, arXiv 2010.02502, equations 12 and 16; eta 0 is
 * deterministic, eta 1 over neighbouring timesteps is DDPM with its posterior variance.
 *
 * @param prediction how x0 and eps follow from x and o
 * @param onX0 sqrt(abar_p), factor of x0 in the mean
 * @param onEps sqrt(1 - abar_p - S^2), factor of eps in the mean
 * @param std S, at least 0
 * @param clipRange x0 is clamped to plus and minus this
 */
public record DdimStep(Coefficients prediction, double onX0, double onEps, double std, Optional<Double> clipRange) {

    /**
     * The transition of one step.
     *
     * @param from noise level t of x
     * @param to noise level p of the next latent, no noisier than {@code from}
     * @param type meaning of o
     * @param eta share of the posterior noise that is added, 0 to 1
     * @param clipRange x0 is clamped to plus and minus this
     * @throws UserException when eta is out of range or x0 does not follow from o
     */
    public static DdimStep of(
            NoiseLevel from, NoiseLevel to, PredictionType type, double eta, Optional<Double> clipRange) {
        if (!(eta >= 0 && eta <= 1)) {
            throw UserException.input("eta: " + eta + "; expected 0 (deterministic) to 1 (as noisy as DDPM)");
        }
        double t = from.alphaBar();
        double p = to.alphaBar();
        if (p < t || p == 0 || t == 1) {
            throw new IllegalArgumentException("no DDIM step goes from alphaBar " + t + " to " + p);
        }
        double variance = eta * eta * (1 - p) / (1 - t) * (1 - t / p);
        // S^2 never exceeds 1 - p in exact arithmetic; where they are equal, rounding may.
        double onEps = Math.sqrt(Math.max(0, 1 - p - variance));
        return new DdimStep(type.at(from), Math.sqrt(p), onEps, Math.sqrt(variance), clipRange);
    }

    /** The step {@code index} of a run. */
    public static DdimStep of(DdimGrid grid, int index, SchedulerConfig config, double eta) {
        return of(grid.from(index), grid.to(index), config.predictionType(), eta, config.clipRange());
    }

    /** Factor of x in the mean where nothing is clamped. */
    public double meanFromSample() {
        return onX0 * prediction.x0FromSample() + onEps * prediction.epsFromSample();
    }

    /** Factor of o in the mean, and so its derivative by o, where nothing is clamped. */
    public double meanFromOutput() {
        return onX0 * prediction.x0FromOutput() + onEps * prediction.epsFromOutput();
    }

    /** The predicted x0 of one element, clamped. */
    public double x0(double x, double o) {
        double x0 = prediction.x0FromSample() * x + prediction.x0FromOutput() * o;
        return clipRange.map(range -> Math.max(-range, Math.min(range, x0))).orElse(x0);
    }

    /** The mean of one element. */
    public double mean(double x, double o) {
        return onX0 * x0(x, o) + onEps * (prediction.epsFromSample() * x + prediction.epsFromOutput() * o);
    }

    /** The derivative of the mean of one element by o; where x0 is clamped only the path through eps is left. */
    public double meanSlope(double x, double o) {
        double free = prediction.x0FromSample() * x + prediction.x0FromOutput() * o;
        boolean clamped = clipRange.filter(range -> Math.abs(free) > range).isPresent();
        return clamped ? onEps * prediction.epsFromOutput() : meanFromOutput();
    }
}
