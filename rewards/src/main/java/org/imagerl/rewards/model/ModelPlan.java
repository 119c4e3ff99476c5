package org.imagerl.rewards.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Reward;

/**
 * A model folder, resolved and loaded.
 *
 * @param scorer runs the model
 * @param formula what is done with its numbers
 * @param batch images per run, at least 1
 * @param spec what the scores mean
 * @param files that were read
 * @param facts every choice and where it is from, for people
 * @param golden images whose score is known
 * @param opened what is closed with this
 */
record ModelPlan(
        Scorer scorer,
        AffineCalibration formula,
        int batch,
        Reward.Spec spec,
        List<Path> files,
        Map<String, String> facts,
        List<Reward.Golden> golden,
        List<AutoCloseable> opened)
        implements AutoCloseable {

    @Override
    public void close() {
        closeAll(opened);
    }

    static void closeAll(List<AutoCloseable> opened) {
        for (AutoCloseable each : opened) {
            try {
                each.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
