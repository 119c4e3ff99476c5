package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Guidance;

/**
 * Classifier-free guidance between two times only (Kynkäänniemi, Aittala, Karras, Laine, Aila, Lehtinen, Applying
 * Guidance in a Limited Interval Improves Sample and Distribution Quality in Diffusion Models, 2024, arXiv 2404.07724):
 * at high noise it reduces variety, and at low noise it has no effect but its cost. The paper's interval is one of
 * noise levels sigma / alpha; here it is one of {@code sigma / (alpha + sigma)}, so that it means the same to all
 * families.
 */
public final class IntervalGuidance implements Guidance {

    /**
     * Between which times.
     *
     * @param from the cleanest, 0 (clean) to 1 (noise)
     * @param to the noisiest, above {@code from}, at most 1
     */
    public record Config(double from, double to) {
        /** Checks the range. */
        public Config {
            if (!(from >= 0 && from < to && to <= 1)) {
                throw new IllegalArgumentException("from and to must be times with 0 <= from < to <= 1");
            }
        }
    }

    private final Config config;
    private final Guidance inside = new ClassifierFreeGuidance();

    public IntervalGuidance(Config config) {
        this.config = config;
    }

    @Override
    public boolean guides(double time) {
        return time >= config.from && time <= config.to;
    }

    @Override
    public NDArray output(NDArray negative, NDArray positive, double scale) {
        return inside.output(negative, positive, scale);
    }
}
