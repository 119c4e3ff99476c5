package org.imagerl.training.data;

import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.imagerl.config.Default;
import org.imagerl.config.Range;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.UserException;

/**
 * Sizes of about one area and different proportions, so that images of several shapes are trained with little of them cut off: aspect-ratio bucketing
 * (NovelAI, 2022; SDXL: Podell et al., 2023, arXiv 2307.01952, section 2.3). For every width in steps the height is the largest number of steps with which the
 * area is not above that of the run's images, so that no size takes more memory; and the same with width and height exchanged.
 *
 * @param step widths and heights are multiples of this, in pixels
 * @param maxAspect the longer side is at most this many times the shorter one
 * @param allowUpscale whether an image may be enlarged to its size
 */
record Buckets(
        @Default("64") @Range(min = 1) int step,
        @Default("2") @Range(min = 1, max = 16) double maxAspect,
        @Default("false") boolean allowUpscale) {

    /**
     * The sizes, from wide to high; that of the run is one of them.
     *
     * @throws UserException if there is no other
     */
    List<ImageSize> sizes(ImageSize run) {
        TreeSet<ImageSize> sizes = new TreeSet<>(
                Comparator.comparingDouble(Buckets::wide).reversed().thenComparingInt(ImageSize::width));
        sizes.add(run);
        long area = (long) run.width() * run.height();
        for (long side = step; side * step <= area; side += step) {
            long other = area / side / step * step;
            double aspect = (double) Math.max(side, other) / Math.min(side, other);
            if (aspect <= maxAspect) {
                sizes.add(new ImageSize((int) side, (int) other));
                sizes.add(new ImageSize((int) other, (int) side));
            }
        }
        if (sizes.size() == 1) {
            throw UserException.input("data.buckets: no size but " + run + " itself has about its area in steps of "
                    + step + " pixels and sides of at most 1 : " + maxAspect + "; lower data.buckets.step (now " + step
                    + ") or raise max_aspect");
        }
        return List.copyOf(sizes);
    }

    /** The size whose proportions are nearest to those of an image: the smallest difference of the logarithms of width / height, of equal ones the widest. */
    static ImageSize nearest(int width, int height, List<ImageSize> sizes) {
        double wide = wide(new ImageSize(width, height));
        ImageSize nearest = sizes.get(0);
        for (ImageSize size : sizes) {
            nearest = Math.abs(wide(size) - wide) < Math.abs(wide(nearest) - wide) ? size : nearest;
        }
        return nearest;
    }

    private static double wide(ImageSize size) {
        return Math.log((double) size.width() / size.height());
    }

    /** @throws UserException if an image would be enlarged, and may not be */
    void requireLarge(int width, int height, ImageSize size, String file) {
        if (!allowUpscale && (width < size.width() || height < size.height())) {
            throw UserException.input(file + ": has " + new ImageSize(width, height) + " pixels, and is smaller than "
                    + size + ", the size of its bucket; leave it out, train smaller images (rollout.width, height), or"
                    + " let it be enlarged (data.buckets.allow_upscale: true)");
        }
    }
}
