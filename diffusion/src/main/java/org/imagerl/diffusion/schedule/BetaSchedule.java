package org.imagerl.diffusion.schedule;

import java.util.Locale;

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
    SQUAREDCOS_CAP_V2;

    private static final double MAX_COSINE_BETA = 0.999;

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
            case SQUAREDCOS_CAP_V2 -> cosine(count);
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

    private static float[] cosine(int count) {
        float[] betas = new float[count];
        for (int i = 0; i < count; i++) {
            double ratio = cosineAlphaBar((i + 1.0) / count) / cosineAlphaBar((double) i / count);
            betas[i] = (float) Math.min(1 - ratio, MAX_COSINE_BETA);
        }
        return betas;
    }

    private static double cosineAlphaBar(double u) {
        double cos = Math.cos((u + 0.008) / 1.008 * Math.PI / 2);
        return cos * cos;
    }
}
