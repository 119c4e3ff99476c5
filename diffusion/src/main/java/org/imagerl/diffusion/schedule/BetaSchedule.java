package org.imagerl.diffusion.schedule;

import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/**
 * Formulas for the variances beta of the forward steps. Rounded to float32 where diffusers rounds, so that the products
 * of a thousand of them agree to the last digits with the schedule that a checkpoint was trained on.
 */
public enum BetaSchedule {
    /** Evenly spaced from start to end. */
    LINEAR,
    /** The square roots evenly spaced: Stable Diffusion. */
    SCALED_LINEAR,
    /** From alphaBar(u) = cos^2((u + 0.008) / 1.008 pi / 2), at most 0.999; start and end are not used. */
    SQUAREDCOS_CAP_V2,
    /** A logistic curve from start to end: GeoDiff. */
    SIGMOID,
    /** From alphaBar(u) = exp(-12 u), at most 0.999; start and end are not used. */
    EXP,
    /** From a Laplace distribution of the log signal-to-noise ratio, at most 0.999; start and end are not used. */
    LAPLACE;

    private static final double MAX_BETA = 0.999;

    /** The logistic curve is taken from minus this to this. */
    private static final int SIGMOID_REACH = 6;

    /** The name in {@code scheduler_config.json}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The betas of all training timesteps.
     *
     * @param start beta of timestep 0
     * @param end beta of the last timestep
     * @param count number of timesteps, at least 1
     * @return float32 [count]
     */
    public float[] betas(double start, double end, int count) {
        return switch (this) {
            case LINEAR -> linspace((float) start, (float) end, count);
            case SCALED_LINEAR -> squared(linspace((float) Math.sqrt(start), (float) Math.sqrt(end), count));
            case SQUAREDCOS_CAP_V2 -> ofAlphaBar(BetaSchedule::cosine, count);
            case SIGMOID -> sigmoid(start, end, count);
            case EXP -> ofAlphaBar(u -> Math.exp(-12 * u), count);
            case LAPLACE -> ofAlphaBar(BetaSchedule::laplace, count);
        };
    }

    /** As torch.linspace: float32 steps from whichever end is nearer. */
    private static float[] linspace(float start, float end, int count) {
        if (count == 1) {
            return new float[] {start};
        }
        float[] values = new float[count];
        float step = (end - start) / (count - 1);
        for (int i = 0; i < count; i++) {
            values[i] = i < count / 2 ? start + step * i : end - step * (count - 1 - i);
        }
        return values;
    }

    private static float[] squared(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= values[i];
        }
        return values;
    }

    private static float[] sigmoid(double start, double end, int count) {
        float[] betas = linspace(-SIGMOID_REACH, SIGMOID_REACH, count);
        for (int t = 0; t < count; t++) {
            betas[t] = (float) (1 / (1 + Math.exp(-betas[t]))) * (float) (end - start) + (float) start;
        }
        return betas;
    }

    private static float[] ofAlphaBar(DoubleUnaryOperator alphaBar, int count) {
        float[] betas = new float[count];
        for (int t = 0; t < count; t++) {
            double ratio = alphaBar.applyAsDouble((t + 1.0) / count) / alphaBar.applyAsDouble((double) t / count);
            betas[t] = (float) Math.min(1 - ratio, MAX_BETA);
        }
        return betas;
    }

    private static double cosine(double u) {
        double cos = Math.cos((u + 0.008) / 1.008 * Math.PI / 2);
        return cos * cos;
    }

    private static double laplace(double u) {
        double logSnr = -0.5 * Math.copySign(1, 0.5 - u) * Math.log(1 - 2 * Math.abs(0.5 - u) + 1e-6);
        double snr = Math.exp(logSnr);
        return Math.sqrt(snr / (1 + snr));
    }
}
