package org.imagerl.diffusion.solver;

import ai.djl.ndarray.NDArray;
import java.util.List;
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
 * DPM-Solver++ (2M): C. Lu et al., "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic Models", 2022, arXiv 2211.01095, algorithm 2, on
 * the grid of diffusers' {@code DPMSolverMultistepScheduler} (midpoint). With {@code m} the predicted clean latents, h and h_0 the lengths of this step and
 * of the one before in lambda:
 *
 * <pre>
 *   D  = (1 + h / (2 h_0)) m_i - h / (2 h_0) m_(i-1)
 *   x' = sigma' / sigma x - alpha' (e^-h - 1) D
 * </pre>
 *
 * <p>The first step, and a last step to no noise, have D = m_i.
 */
public final class DpmSolver2M implements Dynamics {

    /**
     * The grid and its end. A setting that is not given is that of the checkpoint's scheduler.
     *
     * @param sigmas how the noise levels lie
     * @param spacing which timesteps are visited; linspace if the checkpoint says nothing
     * @param finalSigma where the last step ends
     * @param lowerOrderFinal whether the last step is of order 1 in runs of fewer than 15 steps
     * @param eulerAtFinal whether the last step is of order 1 in all runs
     */
    public record Config(
            @Nullable SigmaSpacing sigmas,
            @Nullable TimestepSpacing spacing,
            @Nullable FinalSigma finalSigma,
            @Nullable Boolean lowerOrderFinal,
            @Nullable Boolean eulerAtFinal) {}

    /**
     * The same with Karras' noise levels.
     *
     * @param finalSigma where the last step ends
     */
    public record KarrasConfig(@Nullable FinalSigma finalSigma) {}

    /** Runs of so many steps and more are accurate enough at their end. */
    private static final int MANY_STEPS = 15;

    private final Config config;

    public DpmSolver2M(Config config) {
        this.config = config;
    }

    /** With Karras' noise levels. */
    public static Dynamics karras(KarrasConfig config) {
        return new DpmSolver2M(new Config(SigmaSpacing.KARRAS, null, config.finalSigma, null, null));
    }

    @Override
    public boolean stochastic() {
        return false;
    }

    @Override
    public TransitionKernel kernel(Schedule schedule, int steps) {
        DiffusionSchedule diffusion = DiffusionSchedule.require("dpmpp-2m", schedule);
        SolverOptions options = diffusion.config().solver().with(config.sigmas, config.spacing, config.finalSigma);
        SigmaGrid grid = SigmaGrid.of(diffusion.config(), diffusion.noise(), options, SigmaGrid.Kind.DPM_SOLVER, steps);
        boolean lower = config.lowerOrderFinal == null ? options.lowerOrderFinal() : config.lowerOrderFinal;
        boolean euler = config.eulerAtFinal == null ? options.eulerAtFinal() : config.eulerAtFinal;
        boolean simpleEnd = euler || (lower && steps < MANY_STEPS) || options.finalSigma() == FinalSigma.ZERO;
        return new SolverKernel(grid, diffusion.config().predictionType(), new Rule(new Levels(grid), simpleEnd));
    }

    /**
     * One step; it remembers the last prediction.
     *
     * @param levels of the grid
     * @param simpleEnd whether the last step is of order 1
     */
    record Rule(Levels levels, boolean simpleEnd) implements SolverKernel.Rule {

        @Override
        public TransitionKernel.Advance next(int step, NDArray latents, NDArray x0, List<NDArray> history) {
            boolean first = history.isEmpty() || (simpleEnd && step == levels.steps() - 1);
            if (first) {
                return new TransitionKernel.Advance(weights(step, 1).of(latents, List.of(x0)), List.of(x0));
            }
            NDArray next = weights(step, 2).of(latents, List.of(x0, history.get(0)));
            return new TransitionKernel.Advance(next, List.of(x0));
        }

        Weights weights(int step, int order) {
            double gain = -levels.alpha(step + 1) * levels.phi(step, step + 1);
            double ratio = levels.sigmaRatio(step, step + 1);
            if (order == 1) {
                return new Weights(ratio, gain);
            }
            double half = levels.between(step, step + 1) / levels.between(step - 1, step) / 2;
            return new Weights(ratio, gain * (1 + half), -gain * half);
        }
    }
}
