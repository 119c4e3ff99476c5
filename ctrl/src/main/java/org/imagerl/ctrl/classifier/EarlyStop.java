package org.imagerl.ctrl.classifier;

import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.toolkit.safetensors.StrictJson;
import tools.jackson.databind.node.ObjectNode;

/**
 * How far a training is.
 *
 * @param epoch epochs finished
 * @param bestEpoch the epoch of the lowest loss on held-out pictures, from 1; 0 before the first
 * @param bestLoss that loss
 */
record EarlyStop(int epoch, int bestEpoch, double bestLoss) {

    /** Where a training stands, at its beginning if there is no file. */
    static EarlyStop read(Path path) {
        if (!Files.exists(path)) {
            return new EarlyStop(0, 0, Double.POSITIVE_INFINITY);
        }
        ConfigFile file = ConfigFile.read(path);
        return new EarlyStop(
                file.integer("epoch", 0, 0, Integer.MAX_VALUE),
                file.integer("best_epoch", 0, 0, Integer.MAX_VALUE),
                file.optionalNumber("best_loss").orElse(Double.POSITIVE_INFINITY));
    }

    EarlyStop after(double loss) {
        return loss < bestLoss
                ? new EarlyStop(epoch + 1, epoch + 1, loss)
                : new EarlyStop(epoch + 1, bestEpoch, bestLoss);
    }

    int sinceBest() {
        return epoch - bestEpoch;
    }

    void write(Path path) {
        ObjectNode root = StrictJson.newObject();
        root.put("epoch", epoch).put("best_epoch", bestEpoch);
        if (Double.isFinite(bestLoss)) {
            root.put("best_loss", bestLoss);
        }
        AtomicFile.writeText(path, StrictJson.indented(root) + "\n");
    }
}
