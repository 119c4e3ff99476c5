package org.imagerl.training.loop;

import java.util.function.IntToLongFunction;

/**
 * The most memory in use as a straight line over the images of a batch, from batches of one and of two sizes.
 *
 * @param least the smaller size
 * @param bytes in use with it
 * @param perImage bytes of each further image
 */
record PeakLine(int least, long bytes, double perImage) {

    /**
     * Measures a line.
     *
     * @param peak bytes by the size
     * @param least smallest size
     * @param next another size; the same if there is no larger one, then an image counts as much as a batch of this size in all
     */
    static PeakLine of(IntToLongFunction peak, int least, int next) {
        long first = peak.applyAsLong(least);
        double perImage = next == least ? 0 : (double) (peak.applyAsLong(next) - first) / (next - least);
        return new PeakLine(least, first, Math.max(0, perImage));
    }

    /** Bytes in use with batches of a size. */
    long at(int size) {
        return bytes + Math.round(perImage * (size - least));
    }
}
