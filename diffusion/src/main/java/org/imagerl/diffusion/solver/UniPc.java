package org.imagerl.diffusion.solver;

import org.imagerl.diffusion.ddim.DiffusionSchedule;
import org.imagerl.diffusion.schedule.FinalSigma;
import org.imagerl.diffusion.schedule.SigmaGrid;
import org.imagerl.diffusion.schedule.SigmaSpacing;
import org.imagerl.diffusion.schedule.SolverOptions;
import org.imagerl.diffusion.schedule.TimestepSpacing;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;
import org.jspecify.annotations.Nullable;

/**
 * UniPC: W. Zhao et al., "UniPC: A Unified Predictor-Corrector Framework for Fast Sampling of Diffusion Models", 2023, arXiv 2302.04867, with
 * B(h) = e^h - 1 (bh2) over predicted clean latents, on the grid of diffusers' {@code UniPCMultistepScheduler}. The corrector costs no call of the denoiser: it
 * uses the output that the next step needs anyway.
 */
public final class UniPc implements Dynamics {

    /**
     * The grid, its end and the order. A setting that is not given is that of the checkpoint's scheduler.
     *
     * @param sigmas how the noise levels lie
     * @param spacing which timesteps are visited; linspace if the checkpoint says nothing
     * @param finalSigma where the last step ends
     * @param order p, 1 to 3; 2 if the checkpoint says nothing
     * @param lowerOrderFinal whether the order falls to 1 towards the end
     */
    public record Config(
            @Nullable SigmaSpacing sigmas,
            @Nullable TimestepSpacing spacing,
            @Nullable FinalSigma finalSigma,
            @Nullable Integer order,
            @Nullable Boolean lowerOrderFinal) {
        /** Checks the order. */
        public Config {
            if (order != null && (order < 1 || order > MAX_ORDER)) {
                throw new IllegalArgumentException("order must be from 1 to " + MAX_ORDER);
            }
        }
    }

    private static final int USUAL_ORDER = 2;
    private static final int MAX_ORDER = 3;

    private final Config config;

    public UniPc(Config config) {
        this.config = config;
    }

    @Override
    public boolean stochastic() {
        return false;
    }

    @Override
    public TransitionKernel kernel(Schedule schedule, int steps) {
        DiffusionSchedule diffusion = DiffusionSchedule.require("unipc", schedule);
        SolverOptions options = diffusion.config().solver().with(config.sigmas, config.spacing, config.finalSigma);
        SigmaGrid grid = SigmaGrid.of(diffusion.config(), diffusion.noise(), options, SigmaGrid.Kind.UNIPC, steps);
        boolean lower = config.lowerOrderFinal == null ? options.lowerOrderFinal() : config.lowerOrderFinal;
        int order = config.order == null ? options.order().orElse(USUAL_ORDER) : config.order;
        UniPcRule rule = new UniPcRule(new Levels(grid), Math.min(order, MAX_ORDER), lower);
        return new SolverKernel(grid, diffusion.config().predictionType(), rule);
    }
}
