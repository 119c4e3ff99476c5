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
     * @param next another size; the same if there is no larger one, then further images count nothing
     */
    static PeakLine of(IntToLongFunction peak, int least, int next) {
        long first = peak.applyAsLong(least);
        return next == least ? new PeakLine(least, first, 0) : through(least, first, next, peak.applyAsLong(next));
    }

    /** The line through what two sizes take; it never falls. */
    static PeakLine through(int least, long bytes, int next, long more) {
        return new PeakLine(least, bytes, Math.max(0, (double) (more - bytes) / (next - least)));
    }

    /** Bytes in use with batches of a size. */
    long at(int size) {
        return bytes + Math.round(perImage * (size - least));
    }
}
