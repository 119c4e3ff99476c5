package org.imagerl.training.loop;

/**
 * Finds the most memory in use with a batch. The batch itself is tried where it surely fits and does not take long, because what a few small
 * images take is lost in what the process has anyway. Otherwise smaller ones are, and a straight line says what the batch takes.
 */
final class BatchPeak {
    /** A batch is tried if a line says that this share of the memory is enough. */
    private static final double SURE = 0.5;

    /** A batch is tried if the one before says that it takes no longer. */
    private static final double MOST_SECONDS = 10;

    /** How much larger the next batch is that is tried, if time allows. */
    private static final int[] FURTHER = {4, 2};

    /**
     * What a trial took.
     *
     * @param rest bytes in use before it
     * @param bytes most in use while it ran
     * @param seconds on a machine that nobody else uses
     */
    record Took(long rest, long bytes, double seconds) {
        /** A line through what is in use without and with a batch. */
        private PeakLine line(int images) {
            return new PeakLine(images, bytes, Math.max(0, (double) (bytes - rest) / images));
        }
    }

    /** Computes a batch of so many images. */
    interface Trial {
        Took of(int images);
    }

    private BatchPeak() {}

    /**
     * The most bytes in use.
     *
     * @param least the smallest batch; it is tried in any case
     * @param images of the batch
     * @param limit bytes that there may be in use; 0 where that is not known
     */
    static long of(Trial trial, int least, int images, long limit) {
        int size = Math.min(least, images);
        Took took = trial.of(size);
        PeakLine line = took.line(size);
        while (size < images) {
            int next = next(size, images, took.seconds());
            if (next == size || !(line.at(next) < SURE * limit)) {
                return line.at(images);
            }
            Took further = trial.of(next);
            line = PeakLine.through(size, took.bytes(), next, further.bytes());
            size = next;
            took = further;
        }
        return line.at(images);
    }

    /** The next batch to try; the same if any takes too long. */
    private static int next(int size, int images, double seconds) {
        for (int times : FURTHER) {
            int next = Math.min(times * size, images);
            if (seconds * next / size <= MOST_SECONDS) {
                return next;
            }
        }
        return size;
    }
}
