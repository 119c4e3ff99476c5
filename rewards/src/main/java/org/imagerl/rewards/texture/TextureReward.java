package org.imagerl.rewards.texture;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.work.Workers;

/** Minus the root of the mean squared z-score of an image's bands among those of the reference. */
final class TextureReward implements Reward {
    private static final Spec SPEC = new Spec(
            Scope.POINTWISE, Double.NEGATIVE_INFINITY, 0, true, "standard deviations of the reference, negative");

    private final Path folder;
    private final List<Path> images;
    private final double[] mean;
    private final double[] std;
    private final Workers workers;

    TextureReward(Path folder, List<Path> images, double[] mean, double[] std, Workers workers) {
        this.folder = folder;
        this.images = images;
        this.mean = mean;
        this.std = std;
        this.workers = workers;
    }

    @Override
    public Spec spec() {
        return SPEC;
    }

    @Override
    public List<Path> files() {
        return images;
    }

    @Override
    public Map<String, String> facts() {
        return Map.of("reference", images.size() + " images in " + folder);
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return workers.map(images.size(), i -> score(images.get(i)));
    }

    private Score score(RgbImage image) {
        if (Math.min(image.width(), image.height()) < TextureBands.MIN_SIDE) {
            return Score.failed("the image is " + image.width() + " x " + image.height() + "; texture needs at least "
                    + TextureBands.MIN_SIDE + " pixels each way");
        }
        double[] bands = TextureBands.of(image);
        double squares = 0;
        for (int i = 0; i < bands.length; i++) {
            double z = (bands[i] - mean[i]) / std[i];
            squares += z * z / bands.length;
        }
        return Score.of(-Math.sqrt(squares));
    }

    @Override
    public void close() {
        workers.close();
    }
}
