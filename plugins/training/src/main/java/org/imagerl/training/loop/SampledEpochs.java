package org.imagerl.training.loop;

import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.spi.run.EpochScores;
import org.imagerl.spi.run.Tracker;
import org.imagerl.training.config.RolloutConfig;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.Sampling;

/** Epochs of rollouts: the policy samples, rewards score, and what prompts come next may depend on the scores. */
record SampledEpochs(OpenRun open, Rollouts rollouts, RewardReport report, List<Tracker> trackers)
        implements EpochData.Source {

    @Override
    public EpochData epoch(long epoch, String stage) {
        long start = System.nanoTime();
        EpochRequest asked = EpochRequest.of(open.config(), open.parts(), open.prompts(), epoch);
        List<Prompt> prompts = asked.prompts();
        PolicySampling policy = open.runtime().sampling();
        Sampling sampling = policy.rollouts(epoch);
        Rollout rollout = rollouts.sample(sampling, prompts, asked.seeds(), true, stage);
        try {
            double[] rewards = rollout.rewards().totals();
            open.parts().promptSampler().scored(prompts, rewards);
            open.parts().budget().scored(prompts, rewards);
            EpochScores scores = report.scores(prompts, rollout.rewards());
            trackers.forEach(tracker -> tracker.scores(epoch + 1, scores));
            Metrics metrics = report.of(prompts, rollout.rewards());
            RolloutConfig.Hints hints = open.config().rollout().hints();
            Hints.Mended mended = hints == null
                    ? Hints.Mended.none(rollout)
                    : new Hints(open.config(), hints, policy, rollouts)
                            .mended(rollout, sampling, prompts, epoch, metrics);
            new LatentRefresh(open).after(epoch, mended.rollout(), prompts, metrics);
            double seconds = (System.nanoTime() - start) / 1e9;
            EpochCredit credit = EpochCredit.of(
                            open.runtime(), open.config(), open.parts(), prompts, mended.rollout(), epoch)
                    .from(
                            mended.firstTrained(),
                            policy.kernel(sampling.kernel()).steps());
            return new EpochData(sampling, prompts, mended.rollout(), credit, metrics, seconds);
        } catch (RuntimeException | Error e) {
            rollout.close();
            throw e;
        }
    }
}
