package org.imagerl.ctrl.classifier;

import java.util.Map;

/**
 * The progress of a training with early stopping.
 *
 * @param epoch epochs finished
 * @param bestEpoch the epoch of the lowest loss on held-out images, from 1; 0 before the first
 * @param bestLoss that loss
 */
record EarlyStop(int epoch, int bestEpoch, double bestLoss) {
    static final EarlyStop BEGINNING = new EarlyStop(0, 0, Double.POSITIVE_INFINITY);

    EarlyStop after(double loss) {
        return loss < bestLoss
                ? new EarlyStop(epoch + 1, epoch + 1, loss)
                : new EarlyStop(epoch + 1, bestEpoch, bestLoss);
    }

    int sinceBest() {
        return epoch - bestEpoch;
    }

    /** The values as texts, for the metadata of a file. */
    Map<String, String> texts() {
        return Map.of(
                "epoch", Integer.toString(epoch),
                "best_epoch", Integer.toString(bestEpoch),
                "best_loss", Double.toString(bestLoss));
    }

    /**
     * Reads the texts of {@link #texts}.
     *
     * @throws IllegalArgumentException if it did not say that
     */
    static EarlyStop of(Map<String, String> texts) {
        EarlyStop read = new EarlyStop(
                Integer.parseInt(texts.getOrDefault("epoch", "")),
                Integer.parseInt(texts.getOrDefault("best_epoch", "")),
                Double.parseDouble(texts.getOrDefault("best_loss", "")));
        if (read.epoch < 1 || read.bestEpoch < 0 || read.bestEpoch > read.epoch) {
            throw new IllegalArgumentException("epoch " + read.epoch + ", best_epoch " + read.bestEpoch);
        }
        return read;
    }
}
