package org.imagerl.diffusion.schedule;

import java.util.List;
import org.imagerl.spi.UserException;

/**
 * The noise levels of all training timesteps. The cumulative products are rounded as diffusers rounds them (betas and
 * their products in float32, the running product in double) and exact in double from there on.
 *
 * <p>Source: J. Ho et al., "Denoising Diffusion Probabilistic Models", 2020, arXiv 2006.11239, equation 4; the zero-SNR
 * rescale is algorithm 1 of S. Lin et al., 2023, arXiv 2305.08891.
 */
public final class NoiseSchedule {
    private final float[] alphaBars;
    private final NoiseLevel end;

    private NoiseSchedule(float[] alphaBars, NoiseLevel end) {
        this.alphaBars = alphaBars;
        this.end = end;
    }

    /**
     * The schedule that a configuration describes.
     *
     * @throws UserException when its first beta vanishes in float32
     */
    public static NoiseSchedule of(SchedulerConfig config) {
        float[] alphas = oneMinus(betas(config));
        if (config.zeroTerminalSnr()) {
            // diffusers goes through betas and back, which rounds once more.
            alphas = oneMinus(oneMinus(withZeroTerminalSnr(alphas)));
        }
        float[] alphaBars = cumulativeProduct(alphas);
        if (alphaBars[0] == 1) {
            throw UserException.input("the first beta of the noise schedule is so small that its step adds no noise in"
                    + " float32; expected at least 6e-8");
        }
        return new NoiseSchedule(alphaBars, new NoiseLevel(config.alphaOneAtEnd() ? 1 : alphaBars[0]));
    }

    /** T, the number of timesteps. */
    public int timesteps() {
        return alphaBars.length;
    }

    /** The noise level of a timestep, 0 (least noise) to T - 1. */
    public NoiseLevel at(int timestep) {
        return new NoiseLevel(alphaBars[timestep]);
    }

    /** The noise level at which the last step of diffusers' samplers ends ({@code final_alpha_cumprod}). */
    public NoiseLevel end() {
        return end;
    }

    private static float[] betas(SchedulerConfig config) {
        List<Double> trained = config.trainedBetas();
        if (trained.isEmpty()) {
            return config.betaSchedule().betas(config.betaStart(), config.betaEnd(), config.trainTimesteps());
        }
        float[] betas = new float[trained.size()];
        for (int t = 0; t < betas.length; t++) {
            betas[t] = trained.get(t).floatValue();
        }
        return betas;
    }

    /** Shifts and scales the square roots of alphaBar so that the first stays and the last is 0. */
    private static float[] withZeroTerminalSnr(float[] alphas) {
        float[] roots = cumulativeProduct(alphas);
        for (int t = 0; t < roots.length; t++) {
            roots[t] = (float) Math.sqrt(roots[t]);
        }
        float first = roots[0];
        float last = roots[roots.length - 1];
        float scale = first / (first - last);
        float[] rescaled = new float[roots.length];
        float previous = 1;
        for (int t = 0; t < roots.length; t++) {
            float root = (roots[t] - last) * scale;
            float alphaBar = root * root;
            rescaled[t] = alphaBar / previous;
            previous = alphaBar;
        }
        return rescaled;
    }

    private static float[] oneMinus(float[] values) {
        float[] result = new float[values.length];
        for (int t = 0; t < result.length; t++) {
            result[t] = 1 - values[t];
        }
        return result;
    }

    private static float[] cumulativeProduct(float[] factors) {
        float[] products = new float[factors.length];
        double product = 1;
        for (int t = 0; t < factors.length; t++) {
            product *= factors[t];
            products[t] = (float) product;
        }
        return products;
    }
}
