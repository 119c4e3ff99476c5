package org.imagerl.training.loop;

import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.spi.CheckpointOutline;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.sampling.DerivedKernel;
import org.imagerl.toolkit.sampling.Hinted;
import org.imagerl.toolkit.sampling.ImageStarts;
import org.imagerl.toolkit.sampling.KernelSpec;
import org.imagerl.training.config.RolloutConfig;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.config.TrainedSteps;
import org.jspecify.annotations.Nullable;

/** How the rollouts and the evaluations of a run step from noise to latents. */
final class RunKernels {
    private final RunConfig config;
    private final RunParts parts;
    private final CheckpointOutline checkpoint;
    private final ImageSize size;
    private final @Nullable ImageStarts images;
    private final RandomStreams random;
    private final String rolloutDynamics;
    private final String evaluationDynamics;

    /**
     * @param images that samples begin with, or null
     * @param context writes dynamics as text
     */
    RunKernels(
            RunConfig config,
            RunParts parts,
            CheckpointOutline checkpoint,
            ImageSize size,
            @Nullable ImageStarts images,
            Context context) {
        this.config = config;
        this.parts = parts;
        this.checkpoint = checkpoint;
        this.size = size;
        this.images = images;
        random = new RandomStreams(config.seed());
        RunConfig.Evaluation evaluation = config.evaluation();
        BoundPart<Dynamics> own = evaluation == null ? null : evaluation.dynamics();
        rolloutDynamics = context.parts().write(config.rollout().dynamics());
        evaluationDynamics = own == null ? rolloutDynamics : context.parts().write(own);
    }

    /**
     * Makes sure that rollouts and evaluations fit the checkpoint, in every epoch.
     *
     * @throws UserException if they do not, with the reason
     */
    void check() {
        of(evaluation());
        for (long epoch = 0; epoch < config.epochs(); epoch++) {
            TransitionKernel kernel = of(rollout(epoch));
            requireTrainedSteps(kernel, epoch);
            try {
                requireSingleSteps(kernel);
                requireNoise(kernel);
                requireHintedSteps(kernel);
                checkParts(kernel);
            } catch (UserException e) {
                throw epoch == 0 ? e : UserException.input(e.getMessage() + " (in epoch " + (epoch + 1) + ")", e);
            }
        }
    }

    private void checkParts(TransitionKernel kernel) {
        parts.objective().check(kernel);
        if (parts.rewardCombination().usesAdvantage() && parts.data() == null) {
            parts.advantage().check(kernel);
        }
    }

    /**
     * Requires that a hint which begins with an image leaves at least one step, and one with noise where steps are
     * trained.
     */
    private void requireHintedSteps(TransitionKernel kernel) {
        RolloutConfig.Hints hints = config.rollout().hints();
        for (int i = 0; hints != null && i < hints.levels().size(); i++) {
            double strength = hints.levels().get(i).share();
            int begin;
            try {
                begin = begin(rollout(0), strength);
            } catch (UserException e) {
                throw UserException.input("rollout.hints.levels[" + i + "]." + e.getMessage());
            }
            if (parts.objective().needs().density() && noisy(kernel).stream().noneMatch(step -> step >= begin)) {
                throw UserException.input("rollout.hints.levels[" + i + "].strength: is " + strength + " of "
                        + config.rollout().steps()
                        + " steps, none of which adds noise, so that the hinted image teaches nothing; take a higher"
                        + " strength or more steps");
            }
        }
    }

    /**
     * The first step that samples make that begin with an image.
     *
     * @param strength share of the steps that they make; 1 is all
     * @throws UserException if they make none
     */
    int begin(KernelSpec spec, double strength) {
        Schedule schedule = checkpoint.schedule(spec.width(), spec.height());
        return strength == 1 ? 0 : Hinted.Start.of(of(spec), schedule, spec.steps(), strength);
    }

    /** Width and height of images in pixels. */
    ImageSize size() {
        return size;
    }

    /** The kernels of an epoch's rollouts: the noisy steps may change with it. */
    KernelSpec rollout(long epoch) {
        return new KernelSpec(
                rolloutDynamics,
                size.width(),
                size.height(),
                config.rollout().steps(),
                new KernelSpec.Drawn(epoch, random.seed("noisy steps", epoch)));
    }

    /** The kernels of evaluations. */
    KernelSpec evaluation() {
        RunConfig.Evaluation evaluation = config.evaluation();
        if (evaluation == null) {
            return rollout(0);
        }
        Integer steps = evaluation.steps();
        return new KernelSpec(
                evaluationDynamics,
                size.width(),
                size.height(),
                steps == null ? config.rollout().steps() : steps,
                null);
    }

    /** The kernels that this run specified, here or in another process. */
    TransitionKernel of(KernelSpec spec) {
        boolean ofRollouts = spec.dynamics().equals(rolloutDynamics);
        if (!ofRollouts && !spec.dynamics().equals(evaluationDynamics)) {
            throw new IllegalStateException("the run has no dynamics " + spec.dynamics());
        }
        Schedule schedule = checkpoint.schedule(spec.width(), spec.height());
        TransitionKernel whole = spec.kernel(ofRollouts ? parts.dynamics() : parts.evaluationDynamics(), schedule);
        TransitionKernel made = images == null ? whole : images.last(whole, schedule, spec.steps());
        return ofRollouts ? DerivedKernel.with(parts.noise(), made) : made;
    }

    private void requireSingleSteps(TransitionKernel kernel) {
        if (parts.needs().path() && !kernel.isMarkov()) {
            throw UserException.input("rollout.dynamics: a step of these dynamics depends on more than one call of the"
                    + " denoiser, and gradients pass through single steps alone; take ode, ddim or another rule with"
                    + " steps of one call");
        }
    }

    /** Samples that begin with an image make the last steps alone. */
    private void requireNoise(TransitionKernel kernel) {
        if (images != null
                && parts.objective().needs().density()
                && noisy(kernel).isEmpty()) {
            throw UserException.input("rollout.strength: is " + images.strength() + " of "
                    + config.rollout().steps()
                    + " steps, none of which adds noise, so that there is nothing to train; take a higher strength or"
                    + " more steps");
        }
    }

    /** Some step that is trained has noise. */
    private void requireTrainedSteps(TransitionKernel kernel, long epoch) {
        if (!parts.objective().needs().density()
                || !(config.algorithm().trainedSteps() instanceof TrainedSteps.Fixed fixed)) {
            return;
        }
        List<Integer> noisy = noisy(kernel);
        if (fixed.steps().stream().noneMatch(noisy::contains)) {
            throw UserException.input("algorithm.trained_steps: are " + fixed.steps() + ", but in epoch " + (epoch + 1)
                    + " the rollouts have noise in the steps " + noisy
                    + " alone; name some of them, or leave the choice to the dynamics (trained_steps: all)");
        }
    }

    private static List<Integer> noisy(TransitionKernel kernel) {
        return IntStream.range(0, kernel.steps())
                .filter(step -> kernel.std(step) > 0)
                .boxed()
                .toList();
    }
}
