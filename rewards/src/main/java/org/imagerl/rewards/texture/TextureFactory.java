package org.imagerl.rewards.texture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.ImageFiles;
import org.imagerl.images.lists.ImageListing;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.FolderListing;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.work.Workers;

/** Measures the reference images and makes the reward. */
public final class TextureFactory implements Factory<Reward, TextureConfig> {
    private static final int MIN_IMAGES = 16;
    private static final int MAX_IMAGES = 10_000;
    /** In a band where all reference images are alike a small difference is still no more than small. */
    private static final double MIN_STD = 0.05;

    @Override
    public String name() {
        return "texture";
    }

    @Override
    public String description() {
        return "minus the distance of an image's texture (energies of wavelet bands) from that of reference images";
    }

    @Override
    @SuppressWarnings("NullAway") // a key without a default
    public TextureConfig defaults() {
        return new TextureConfig(null);
    }

    @Override
    public Reward create(TextureConfig config, Context context) {
        Path folder = context.folder().resolve(config.reference());
        List<Path> images = images(folder);
        String skipped = ImageListing.of(folder).notice();
        if (!skipped.isEmpty()) {
            context.warnings().accept("texture: reference " + folder + ": " + skipped);
        }
        if (images.size() < MIN_IMAGES || images.size() > MAX_IMAGES) {
            throw UserException.input("texture: reference " + folder + " has " + images.size()
                    + " images; it must have "
                    + MIN_IMAGES + " to " + MAX_IMAGES
                    + ", for instance of the checkpoint before training: imagerl sample --checkpoint DIR --prompts"
                    + " FILE --out "
                    + folder);
        }
        double[] mean = new double[TextureBands.COUNT];
        double[] squares = new double[TextureBands.COUNT];
        for (Path image : images) {
            double[] bands = bands(image);
            for (int i = 0; i < bands.length; i++) {
                mean[i] += bands[i] / images.size();
                squares[i] += bands[i] * bands[i] / images.size();
            }
        }
        double[] std = new double[mean.length];
        for (int i = 0; i < std.length; i++) {
            std[i] = Math.max(MIN_STD, Math.sqrt(Math.max(0, squares[i] - mean[i] * mean[i])));
        }
        return new TextureReward(folder, images, mean, std, new Workers(context.threads(), "texture-reward"));
    }

    private static double[] bands(Path file) {
        RgbImage image = ImageDecoder.decode(file);
        if (Math.min(image.width(), image.height()) < TextureBands.MIN_SIDE) {
            throw UserException.input("texture: " + file + " is " + image.width() + " x " + image.height()
                    + "; a reference image needs at least " + TextureBands.MIN_SIDE + " pixels each way");
        }
        return TextureBands.of(image);
    }

    /** GIF never counted here, and a folder must not come to mean something else; WebP has no decoder in the distribution. */
    private static boolean isReference(Path file) {
        return !FolderListing.ofSystem(file)
                && ImageFiles.single(file)
                && !file.toString().toLowerCase(Locale.ROOT).matches("(?s).*\\.(gif|webp)");
    }

    private static List<Path> images(Path folder) {
        try (Stream<Path> files = Folders.entries(folder)) {
            return files.filter(TextureFactory::isReference).sorted().toList();
        } catch (IOException e) {
            throw UserException.input("texture: reference " + folder + " cannot be read as a folder: " + e, e);
        }
    }
}
