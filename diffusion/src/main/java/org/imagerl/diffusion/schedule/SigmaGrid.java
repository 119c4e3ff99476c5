package org.imagerl.diffusion.schedule;

import java.util.Arrays;
import org.imagerl.spi.UserException;

/**
 * The timesteps of one run and the noise levels at both ends of every step, for samplers that step through
 * {@code sigma}, noise over signal, instead of through training timesteps as {@link DdimGrid} does. Rounding and
 * interpolation are those of diffusers' classes; one thing is not copied: where the stride is not a whole number,
 * diffusers has an extra timestep of -1.
 */
public final class SigmaGrid {

    /** The class of diffusers whose grid it is. */
    public enum Kind {
        /** {@code EulerDiscreteScheduler}: N timesteps, which need not be whole numbers; spaced noise levels lie between those of its ends. */
        EULER,
        /** {@code DPMSolverMultistepScheduler}: N of N + 1 whole timesteps; spaced noise levels lie between all trained ones. */
        DPM_SOLVER,
        /** {@code UniPCMultistepScheduler}: as {@link #DPM_SOLVER}, but that the last step of spaced noise levels may end where it begins. */
        UNIPC
    }

    private final double[] timesteps;
    private final double[] sigmas;
    private final double startStd;

    private SigmaGrid(double[] timesteps, double[] sigmas, double startStd) {
        this.timesteps = timesteps;
        this.sigmas = sigmas;
        this.startStd = startStd;
    }

    /**
     * The grid of a run.
     *
     * @param config of the noise, with the offset of leading spacing
     * @param noise made from {@code config}
     * @param options in which spacing that is not given is linspace, as in diffusers
     * @param steps N, 1 to T; below T for the kinds of whole timesteps
     * @throws UserException when the number of steps does not fit the schedule
     */
    public static SigmaGrid of(
            SchedulerConfig config, NoiseSchedule noise, SolverOptions options, Kind kind, int steps) {
        TrainedSigmas trained = TrainedSigmas.of(config, noise);
        TimestepSpacing spacing = options.spacing().orElse(TimestepSpacing.LINSPACE);
        requireSteps(steps, trained.count(), kind);
        double[] timesteps = timesteps(spacing, kind, trained.count(), steps, config.stepsOffset());
        if (timesteps[0] >= trained.count()) {
            throw UserException.input("sampling steps: " + steps + " with steps_offset " + config.stepsOffset()
                    + " begin at timestep " + timesteps[0] + ", but the last one is " + (trained.count() - 1)
                    + "; use fewer steps");
        }
        double[] sigmas = Arrays.stream(timesteps).map(trained::at).toArray();
        boolean spaced = options.sigmas() != SigmaSpacing.TIMESTEPS;
        if (spaced) {
            sigmas = spaced(options, kind, trained, sigmas);
            timesteps = Arrays.stream(sigmas).map(trained::timestep).toArray();
            round(timesteps, options.sigmas(), kind, config.betaSchedule());
        }
        double[] ends = Arrays.copyOf(sigmas, steps + 1);
        if (options.finalSigma() == FinalSigma.SIGMA_MIN) {
            ends[steps] = spaced && kind == Kind.UNIPC ? sigmas[steps - 1] : trained.at(0);
        }
        boolean pure = kind != Kind.EULER || spacing == TimestepSpacing.LEADING;
        return new SigmaGrid(timesteps, ends, pure ? 1 : level(ends[0]).sigma());
    }

    private static void requireSteps(int steps, int count, Kind kind) {
        int most = kind == Kind.EULER ? count : count - 1;
        if (steps < 1 || steps > most) {
            throw UserException.input("sampling steps: " + steps + "; expected 1 to " + most
                    + " for a model that was trained on " + count + " timesteps");
        }
    }

    private static double[] timesteps(TimestepSpacing spacing, Kind kind, int count, int steps, int offset) {
        if (kind == Kind.EULER && spacing == TimestepSpacing.LINSPACE) {
            double[] even = new double[steps];
            for (int i = 0; i < steps; i++) {
                even[i] = steps == 1 ? 0 : (float) ((steps - 1 - i) * ((count - 1.0) / (steps - 1)));
            }
            return even;
        }
        boolean oneMore = kind != Kind.EULER && spacing != TimestepSpacing.TRAILING;
        int[] whole = spacing.timesteps(count, oneMore ? steps + 1 : steps, offset);
        return Arrays.stream(whole).limit(steps).asDoubleStream().toArray();
    }

    private static double[] spaced(SolverOptions options, Kind kind, TrainedSigmas trained, double... own) {
        int steps = own.length;
        double highest = kind == Kind.EULER ? own[0] : trained.at(trained.count() - 1);
        double lowest = kind == Kind.EULER ? own[steps - 1] : trained.at(0);
        return options.sigmas()
                .between(options.sigmaMax().orElse(highest), options.sigmaMin().orElse(lowest), steps);
    }

    private static void round(double[] timesteps, SigmaSpacing sigmas, Kind kind, BetaSchedule betas) {
        if (kind == Kind.EULER) {
            return;
        }
        boolean nearest = (sigmas == SigmaSpacing.KARRAS || sigmas == SigmaSpacing.LU)
                && (kind == Kind.UNIPC || betas != BetaSchedule.SQUAREDCOS_CAP_V2);
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] = nearest ? Math.rint(timesteps[i]) : Math.floor(timesteps[i]);
        }
    }

    /** N, the number of steps. */
    public int steps() {
        return timesteps.length;
    }

    /** The time that the denoiser gets at step {@code index} (0 is the noisiest); it need not be a whole number. */
    public double timestep(int index) {
        return timesteps[index];
    }

    /** Noise over signal at the beginning of step {@code index}, or at the end of the last one. */
    public double sigma(int index) {
        return sigmas[index];
    }

    /** The same as the noise level of {@code x = alpha x0 + sigma eps}. */
    public NoiseLevel level(int index) {
        return level(sigmas[index]);
    }

    /** Standard deviation with which a run begins: diffusers leaves the signal's share out where timesteps are linspace or trailing. */
    public double startStd() {
        return startStd;
    }

    private static NoiseLevel level(double sigma) {
        return new NoiseLevel(1 / (1 + sigma * sigma));
    }
}
