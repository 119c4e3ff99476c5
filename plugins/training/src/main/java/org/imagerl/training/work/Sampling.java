package org.imagerl.training.work;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.data.StoredImage;
import org.imagerl.toolkit.sampling.Correction;
import org.imagerl.toolkit.sampling.KernelSpec;
import org.imagerl.toolkit.sampling.PolicyGuidance;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.sampling.Seeds;
import org.jspecify.annotations.Nullable;

/**
 * How all samples of a rollout are made.
 *
 * @param rollout its name, unique among those that are open
 * @param policy the weights
 * @param kernel the transitions from noise to latents
 * @param guidance scale of classifier-free guidance; 1 is none
 * @param reference how samples are corrected towards the reference weights
 * @param led how far samples of the EMA weights are led towards the live ones, whose version {@code policy} then is; null is no guidance between weights
 * @param keep what of the trajectories is kept
 * @param hint what leads the samples in the place of the policy, which says how likely they are; null is nothing
 * @param rewards how many of the run's rewards score the images, the first ones
 * @param images whether the images are wanted for themselves; if not, they are decoded only for rewards that look at them
 */
public record Sampling(
        String rollout,
        PolicyVersion policy,
        KernelSpec kernel,
        double guidance,
        Correction reference,
        @Nullable PolicyGuidance led,
        Sampler.Keep keep,
        @Nullable Hint hint,
        int rewards,
        boolean images) {

    /** The same under another name, led by a hint. */
    public Sampling hinted(String name, Hint by) {
        return new Sampling(name, policy, kernel, guidance, reference, led, keep, by, rewards, images);
    }

    /**
     * The same under another name, and scored by the first rewards alone; the caller scores by the others, and gets the
     * images.
     */
    public Sampling as(String name, int scoring) {
        boolean wanted = images || scoring < rewards;
        return new Sampling(name, policy, kernel, guidance, reference, led, keep, hint, scoring, wanted);
    }

    /**
     * The units of a rollout, in the order of its samples.
     *
     * @param seeds one per prompt
     * @param batchSize most samples of a unit
     */
    public List<RolloutUnit> units(List<Prompt> prompts, Seeds seeds, int batchSize) {
        return units(prompts, seeds, List.of(), batchSize);
    }

    /** The units of images on disk, one per prompt. */
    public List<RolloutUnit> units(List<Prompt> prompts, List<StoredImage> images, int batchSize) {
        return units(prompts, Seeds.own(new long[prompts.size()]), images, batchSize);
    }

    private List<RolloutUnit> units(List<Prompt> prompts, Seeds seeds, List<StoredImage> images, int batchSize) {
        List<RolloutUnit> units = new ArrayList<>();
        for (int from = 0; from < prompts.size(); from += batchSize) {
            int to = Math.min(prompts.size(), from + batchSize);
            units.add(new RolloutUnit(
                    this,
                    List.copyOf(prompts.subList(from, to)),
                    seeds.range(from, to),
                    images.isEmpty() ? images : List.copyOf(images.subList(from, to))));
        }
        return units;
    }
}
