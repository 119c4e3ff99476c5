package org.imagerl.toolkit.jpeg;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.DifferentiableReward;
import org.imagerl.spi.reward.Rewards;
import org.imagerl.toolkit.tensor.Devices;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.imagerl.toolkit.tensor.Kernels;

/** {@code jpeg-estimate}: minus the estimated size of an image as JPEG, see {@link JpegSizeEstimate}: rewards smooth images, with a gradient. */
public final class JpegEstimateReward implements DifferentiableReward {

    /**
     * The settings.
     *
     * @param quality of the file, 1 to 100
     * @param divisor the size in kB is divided by this; above 0
     */
    public record Config(int quality, double divisor) {
        /** Checks the ranges. */
        public Config {
            if (quality < 1 || quality > 100) {
                throw new IllegalArgumentException("quality must be from 1 to 100, not " + quality);
            }
            if (!(divisor > 0) || Double.isInfinite(divisor)) {
                throw new IllegalArgumentException("divisor must be above 0, for instance 1 or 500, not " + divisor);
            }
        }
    }

    private final Config config;
    private final JpegSizeEstimate estimate;
    private final Device device;

    /** Without files. */
    public JpegEstimateReward(Config config, Context context) {
        this.config = config;
        estimate = new JpegSizeEstimate(config.quality());
        device = Devices.choose(context.device(), context.warnings());
    }

    @Override
    public Spec spec() {
        String unit = config.divisor() == 1 ? "estimated kB" : "estimated kB / " + config.divisor();
        return new Spec(Scope.POINTWISE, Double.NEGATIVE_INFINITY, 0, true, unit);
    }

    @Override
    public void checkSize(int width, int height) {
        if (width % JpegSizeEstimate.MULTIPLE != 0 || height % JpegSizeEstimate.MULTIPLE != 0) {
            throw UserException.input("the estimate is of images whose sides are multiples of "
                    + JpegSizeEstimate.MULTIPLE + ", not " + width + " x " + height
                    + "; make images of such a size (rollout.width, rollout.height)");
        }
    }

    @Override
    public NDArray scores(NDArray images, List<Prompt> prompts) {
        checkSize((int) images.getShape().get(3), (int) images.getShape().get(2));
        try (NDArray kilobytes = estimate.kilobytes(images)) {
            return Kernels.scale(kilobytes, -1 / config.divisor());
        }
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return Rewards.oneByOne(images, prompts, this::score);
    }

    private Score score(RgbImage image, Prompt prompt) {
        try (NDManager scratch = NDManager.newBaseManager(device, "PyTorch")) {
            NDArray pixels = ImageTensors.toTensor(scratch, List.of(image));
            return Score.of(Gradients.off(() -> scores(pixels, List.of(prompt))).getFloat());
        } catch (UserException e) {
            return Score.failed(String.valueOf(e.getMessage()));
        }
    }
}
