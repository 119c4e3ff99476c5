package org.imagerl.training.loop;

import java.util.List;
import java.util.Locale;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.StoredImage;
import org.imagerl.toolkit.sampling.Seeds;
import org.imagerl.training.work.Replacement;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.RolloutExecutor;
import org.imagerl.training.work.RolloutUnit;
import org.imagerl.training.work.Sampling;

/** Asks for rollouts, unit by unit, and makes sure that there is something to learn from. */
final class Rollouts {
    /** The user asked to stop while training rollouts were sampled: they are given up, no weight has changed. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String lost;

        Stopped(String lost) {
            this.lost = lost;
        }

        /** The part of the rollouts that is given up, for the user: {@code 128 of 512 images, sampled in 41 s}. */
        String lost() {
            return lost;
        }
    }

    private final RolloutExecutor executor;
    private final int batchSize;
    private final Progress progress;

    /** @param batchSize most samples of a unit */
    Rollouts(RolloutExecutor executor, int batchSize, Progress progress) {
        this.executor = executor;
        this.batchSize = batchSize;
        this.progress = progress;
    }

    /**
     * Samples and scores.
     *
     * @param seeds one per prompt
     * @param stoppable whether a stop that the user asks for is heeded between units
     * @param stage for the progress line
     * @throws UserException if no sample became an image, naming the component that failed; or a reward scored none
     */
    Rollout sample(Sampling sampling, List<Prompt> prompts, Seeds seeds, boolean stoppable, String stage) {
        return run(sampling.units(prompts, seeds, batchSize), new Watch(prompts.size(), stoppable, stage));
    }

    /**
     * Reads images on disk as if they had been sampled; nothing scores them.
     *
     * @param images one per prompt
     * @param stoppable whether a stop that the user asks for is heeded between units
     */
    Rollout stored(Sampling sampling, List<Prompt> prompts, List<StoredImage> images, boolean stoppable, String stage) {
        return run(sampling.units(prompts, images, batchSize), new Watch(prompts.size(), stoppable, stage));
    }

    /** As {@link #sample} of few images, of which none need become an image or have a score. */
    Rollout attempt(Sampling sampling, List<Prompt> prompts, Seeds seeds, String stage) {
        return executor.run(sampling.units(prompts, seeds, batchSize), new Watch(prompts.size(), true, stage));
    }

    /** As the executor does. */
    void replace(Replacement replacement) {
        executor.replace(replacement);
    }

    private Rollout run(List<RolloutUnit> units, Watch watch) {
        Rollout rollout = executor.run(units, watch);
        try {
            requireAnImage(rollout.images());
            rollout.rewards().requireSome();
            return rollout;
        } catch (RuntimeException | Error e) {
            rollout.close();
            throw e;
        }
    }

    private final class Watch implements RolloutExecutor.Watch {
        private final int all;
        private final boolean stoppable;
        private final String stage;
        private final long began = System.nanoTime();
        private int done;

        Watch(int all, boolean stoppable, String stage) {
            this.all = all;
            this.stoppable = stoppable;
            this.stage = stage;
        }

        @Override
        public void begin() {
            if (stoppable && progress.stopped()) {
                double seconds = (System.nanoTime() - began) / 1e9;
                throw new Stopped(String.format(Locale.ROOT, "%d of %d images, sampled in %.0f s", done, all, seconds));
            }
        }

        @Override
        public void done(RolloutUnit unit) {
            done += unit.prompts().size();
            progress.update(stage, done, all, "");
        }
    }

    /**
     * Ends the run if no sample became an image: there is nothing to learn from then, and the weights are not worth
     * keeping.
     */
    private static void requireAnImage(List<ImageOrReason> images) {
        if (!images.isEmpty() && images.stream().noneMatch(made -> made.reason().isEmpty())) {
            throw UserException.input("none of " + images.size() + " samples became an image: "
                    + images.get(0).reason());
        }
    }
}
