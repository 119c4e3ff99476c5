package org.imagerl.cli.checkpoint;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.function.IntConsumer;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.sampling.SampledImages;
import org.imagerl.toolkit.sampling.Sampler;

/** From prompts and seeds to pictures. */
final class PictureMaker {
    private final Pipeline pipeline;
    private final Sampler sampler;
    private final Settings settings;

    /**
     * How pictures are made.
     *
     * @param steps denoiser calls per picture
     * @param guidance scale, 1 is none
     * @param negative what guidance leads away from
     * @param size width and height in pixels
     * @param batch pictures computed at a time
     */
    record Settings(int steps, double guidance, String negative, int[] size, int batch) {}

    PictureMaker(Pipeline pipeline, Dynamics dynamics, Settings settings) {
        this.pipeline = pipeline;
        this.settings = settings;
        int[] size = settings.size();
        GuidedPolicy.Settings guidance = new GuidedPolicy.Settings(settings.guidance(), settings.negative(), size);
        this.sampler = new Sampler(
                new GuidedPolicy(pipeline, null, guidance),
                dynamics.chain(pipeline.schedule(size[0], size[1]), settings.steps()),
                pipeline.latentShape(size[0], size[1]));
    }

    Settings settings() {
        return settings;
    }

    /**
     * Makes a batch.
     *
     * @param seeds one per prompt
     * @param onStep takes the number of steps done
     * @return one for each prompt, with the reason where there is no image
     */
    List<ImageOrReason> make(List<Prompt> prompts, long[] seeds, IntConsumer onStep) {
        try (NDManager manager = pipeline.manager().newSubManager()) {
            Trajectories made = sampler.sample(manager, prompts, seeds, Sampler.Keep.LAST, onStep);
            return SampledImages.of(pipeline, made);
        }
    }
}
