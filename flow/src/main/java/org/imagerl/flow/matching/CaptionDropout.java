package org.imagerl.flow.matching;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.toolkit.random.RandomStreams;

/**
 * Leaves out the prompts of a share of the images, so that the model also learns to denoise without a prompt, which
 * guidance needs (Ho, Salimans, Classifier-Free Diffusion Guidance, 2022, arXiv 2207.12598, algorithm 1).
 */
public final class CaptionDropout {
    private CaptionDropout() {}

    /** @throws IllegalArgumentException if a share is not from 0 to below 1 */
    public static void require(double share) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException("caption_dropout must be from 0 to below 1, not " + share);
        }
    }

    /**
     * The batch as it is conditioned in a pass.
     *
     * @param share of the images whose prompt is left out
     * @param streams per sample a number of its random stream: samples with one number keep or lose their prompts together
     */
    public static Batch of(Policy policy, Batch batch, double share, int pass, int... streams) {
        RandomStreams random = new RandomStreams(batch.seed());
        Trajectories all = batch.trajectories();
        List<Prompt> prompts = new ArrayList<>();
        for (int row = 0; row < streams.length; row++) {
            Prompt prompt = all.prompts().get(row);
            boolean dropped =
                    random.stream("caption dropout", streams[row], pass).nextDouble() < share;
            prompts.add(dropped ? new Prompt(prompt.id(), "", prompt.metadata()) : prompt);
        }
        return prompts.equals(all.prompts())
                ? batch
                : batch.of(new Trajectories(
                        all.kernel(),
                        prompts,
                        policy.encode(prompts).completedBy(all.conditioning()),
                        all.states(),
                        all.logDensities(),
                        all.noises()));
    }
}
