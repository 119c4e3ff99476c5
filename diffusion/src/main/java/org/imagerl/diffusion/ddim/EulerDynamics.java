package org.imagerl.diffusion.ddim;

import java.util.Optional;
import java.util.stream.IntStream;
import org.imagerl.diffusion.ddim.DdimTransitionKernel.Stage;
import org.imagerl.diffusion.schedule.DdimStep;
import org.imagerl.diffusion.schedule.FinalSigma;
import org.imagerl.diffusion.schedule.NoiseLevel;
import org.imagerl.diffusion.schedule.SigmaGrid;
import org.imagerl.diffusion.schedule.SigmaSpacing;
import org.imagerl.diffusion.schedule.SolverOptions;
import org.imagerl.diffusion.schedule.TimestepSpacing;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;
import org.jspecify.annotations.Nullable;

/**
 * Euler's method through the noise levels (T. Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models", 2022, arXiv
 * 2206.00364, algorithm 1 without its second order), and its ancestral form (k-diffusion), on the grid of diffusers' {@code EulerDiscreteScheduler}
 * and {@code EulerAncestralDiscreteScheduler}.
 *
 * <p>With x = z / alpha a step {@code x' = x0 + sigma_down eps + sigma_up n} is DDIM's from the same noise level to the same noise level:
 * without noise eta is 0, and the ancestral {@code sigma_up^2 = sigma'^2 (sigma^2 - sigma'^2) / sigma^2} is eta 1. So the states of these dynamics are z, what the
 * denoiser is given, and the ancestral steps have DDIM's density.
 */
public final class EulerDynamics implements Dynamics {

    /**
     * The grid of Euler's method. A setting that is not given is that of the checkpoint's scheduler.
     *
     * @param sigmas how the noise levels lie
     * @param spacing which timesteps are visited; linspace if the checkpoint says nothing
     * @param finalSigma where the last step ends
     */
    public record Config(
            @Nullable SigmaSpacing sigmas,
            @Nullable TimestepSpacing spacing,
            @Nullable FinalSigma finalSigma) {}

    /**
     * The grid of the ancestral form. A setting that is not given is that of the checkpoint's scheduler.
     *
     * @param spacing which timesteps are visited; linspace if the checkpoint says nothing
     */
    public record AncestralConfig(@Nullable TimestepSpacing spacing) {}

    private final String name;
    private final double eta;
    private final Config config;

    private EulerDynamics(String name, double eta, Config config) {
        this.name = name;
        this.eta = eta;
        this.config = config;
    }

    /** Without noise. */
    public static Dynamics plain(Config config) {
        return new EulerDynamics("euler", 0, config);
    }

    /** With the noise of DDPM; in diffusers it has no other noise levels than those of its timesteps, and ends at 0. */
    public static Dynamics ancestral(AncestralConfig config) {
        return new EulerDynamics("euler-a", 1, new Config(SigmaSpacing.TIMESTEPS, config.spacing, FinalSigma.ZERO));
    }

    @Override
    public boolean stochastic() {
        return eta > 0;
    }

    @Override
    public TransitionKernel kernel(Schedule schedule, int steps) {
        DiffusionSchedule diffusion = DiffusionSchedule.require(name, schedule);
        SolverOptions options = diffusion.config().solver().with(config.sigmas, config.spacing, config.finalSigma);
        SigmaGrid grid = SigmaGrid.of(diffusion.config(), diffusion.noise(), options, SigmaGrid.Kind.EULER, steps);
        return new DdimTransitionKernel(
                IntStream.range(0, steps)
                        .mapToObj(step -> stage(grid, step, diffusion))
                        .toList(),
                grid.startStd());
    }

    private Stage stage(SigmaGrid grid, int step, DiffusionSchedule diffusion) {
        DdimStep made = DdimStep.of(
                grid.level(step), grid.level(step + 1), diffusion.config().predictionType(), eta, Optional.empty());
        boolean last = step == grid.steps() - 1;
        DdimStep ended = last ? unscaled(made, grid.level(step + 1)) : made;
        return new Stage(grid.timestep(step), 1.0 / grid.steps(), grid.level(step), ended);
    }

    /** The end is x, not z: diffusers decodes {@code x0 + sigma eps} where the last step leaves noise. */
    private static DdimStep unscaled(DdimStep step, NoiseLevel end) {
        double alpha = end.alpha();
        return new DdimStep(
                step.prediction(), step.onX0() / alpha, step.onEps() / alpha, step.std() / alpha, step.clipRange());
    }
}
