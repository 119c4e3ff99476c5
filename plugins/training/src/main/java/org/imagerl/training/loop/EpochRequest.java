package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.sampling.Seeds;
import org.imagerl.training.config.RolloutConfig;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunParts;

/**
 * What an epoch asks the policy for.
 *
 * @param prompts one per sample, those of a group one after another
 * @param seeds one per sample
 */
record EpochRequest(List<Prompt> prompts, Seeds seeds) {

    /** Asks the prompt sampler and the rollout budget of a run for an epoch, which is counted from 0. */
    static EpochRequest of(RunConfig config, RunParts parts, TrainingPrompts training, long epoch) {
        RolloutConfig rollout = config.rollout();
        RandomStreams random = new RandomStreams(config.seed());
        int count = rollout.promptsPerEpoch();
        List<Prompt> sampled =
                parts.promptSampler().sample(new PromptSampler.Request(training.train(), count, epoch, config.seed()));
        int[] samples = parts.budget().samples(sampled, rollout.samplesPerPrompt(), epoch);
        int all = count * rollout.samplesPerPrompt();
        if (sampled.size() != count
                || samples.length != count
                || Arrays.stream(samples).sum() != all) {
            throw new IllegalStateException("epoch " + (epoch + 1) + " should have " + count + " prompts and " + all
                    + " samples, not " + sampled.size() + " and " + Arrays.toString(samples));
        }
        List<Prompt> prompts = new ArrayList<>();
        long[] start = new long[all];
        for (int i = 0; i < count; i++) {
            Prompt prompt = training.drawn(sampled.get(i), epoch, i);
            Arrays.fill(start, prompts.size(), prompts.size() + samples[i], random.seed("group noise", epoch, i));
            prompts.addAll(Collections.nCopies(samples[i], prompt));
        }
        long[] own = new long[all];
        Arrays.setAll(own, i -> random.seed("rollout", epoch, i));
        return new EpochRequest(
                List.copyOf(prompts), rollout.sharedNoise() ? Seeds.shared(start, own) : Seeds.own(own));
    }
}
