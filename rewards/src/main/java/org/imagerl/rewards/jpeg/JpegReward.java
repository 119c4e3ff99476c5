package org.imagerl.rewards.jpeg;

import java.util.List;
import org.imagerl.images.JpegSize;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.work.Workers;

/**
 * The size of an image as JPEG of quality 95, in kB of 1000 bytes, with a sign and divided by a constant.
 *
 * <p>Source: Black, Janner, Du, Kostrikov and Levine, "Training Diffusion Models with Reinforcement Learning", 2023,
 * arXiv:2305.13301, section 5.1, and its code, ddpo-pytorch rewards.py ({@code save(..., "JPEG", quality=95)}).
 */
final class JpegReward implements Reward {
    private static final double BYTES_PER_KB = 1000.0;

    private final int sign;
    private final double divisor;
    private final Spec spec;
    private final Workers workers;

    JpegReward(int sign, double divisor, Spec spec, int threads) {
        this.sign = sign;
        this.divisor = divisor;
        this.spec = spec;
        this.workers = new Workers(threads, "jpeg-reward");
    }

    @Override
    public Spec spec() {
        return spec;
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return workers.map(
                images.size(), i -> Score.of(sign * (JpegSize.bytes(images.get(i)) / BYTES_PER_KB) / divisor));
    }

    @Override
    public void close() {
        workers.close();
    }
}
