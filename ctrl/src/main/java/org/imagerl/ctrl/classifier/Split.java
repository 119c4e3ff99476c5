package org.imagerl.ctrl.classifier;

import java.util.Set;
import java.util.stream.IntStream;
import org.imagerl.ctrl.data.LabelledImages;

/**
 * Which images are trained on.
 *
 * @param training their indices
 * @param validation those of the others, which are held out
 */
record Split(int[] training, int[] validation) {

    static Split of(LabelledImages data, ClassifierConfig config) {
        Set<Integer> heldOut = data.heldOut(config.validation(), config.seed());
        int count = data.images().size();
        return new Split(
                IntStream.range(0, count).filter(i -> !heldOut.contains(i)).toArray(),
                IntStream.range(0, count).filter(heldOut::contains).toArray());
    }
}
