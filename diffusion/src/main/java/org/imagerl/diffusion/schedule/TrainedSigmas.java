package org.imagerl.diffusion.schedule;

/** {@code sigma}, noise over signal, of the training timesteps and between them. Rounded to float32 where diffusers rounds. */
final class TrainedSigmas {
    /** alphaBar of pure noise, so that sigma is finite: the least positive number of float16. */
    private static final float NEARLY_PURE = 0x1p-24f;

    private static final double LEAST = 1e-10;

    private final float[] sigmas;
    private final float[] logs;

    private TrainedSigmas(float[] sigmas, float[] logs) {
        this.sigmas = sigmas;
        this.logs = logs;
    }

    static TrainedSigmas of(SchedulerConfig config, NoiseSchedule noise) {
        int count = noise.timesteps();
        float[] sigmas = new float[count];
        float[] logs = new float[count];
        for (int t = 0; t < count; t++) {
            boolean pure = t == count - 1 && config.zeroTerminalSnr();
            float alphaBar = pure ? NEARLY_PURE : (float) noise.at(t).alphaBar();
            sigmas[t] = (float) Math.sqrt((1 - alphaBar) / alphaBar);
            logs[t] = (float) Math.log(sigmas[t]);
        }
        return new TrainedSigmas(sigmas, logs);
    }

    /** T. */
    int count() {
        return sigmas.length;
    }

    /** Between timesteps by a straight line. */
    double at(double timestep) {
        int below = Math.min((int) timestep, sigmas.length - 1);
        double low = sigmas[below];
        return timestep == below ? low : low + (timestep - below) * (sigmas[below + 1] - low);
    }

    /** The timestep of a noise level, between timesteps by a straight line of its logarithm; 0 to T - 1. */
    double timestep(double sigma) {
        double log = Math.log(Math.max(sigma, LEAST));
        int low = 0;
        while (low < logs.length - 2 && logs[low + 1] <= log) {
            low++;
        }
        double share = (logs[low] - log) / ((double) logs[low] - logs[low + 1]);
        double inside = Math.max(0, Math.min(1, share));
        return (1 - inside) * low + inside * (low + 1);
    }
}
