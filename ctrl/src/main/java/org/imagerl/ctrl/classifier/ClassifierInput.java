package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.data.LabelledImages;
import org.imagerl.spi.RgbImage;
import org.imagerl.toolkit.tensor.ImageTensors;

/** What a classifier sees of labelled images while it is trained. */
interface ClassifierInput {

    /** The part of the classifier below its linear layers. */
    Backbone backbone();

    /** The input of its network for some images, by index. */
    NDArray of(NDManager scope, int... rows);

    /** Turns trained weights into those of the finished classifier, which sees the images themselves. */
    void finish(Map<String, NDArray> weights);

    /**
     * The images themselves.
     *
     * @param backbone the network
     */
    record Whole(LabelledImages data, LabelledImages.Source source, Backbone backbone) implements ClassifierInput {
        @Override
        public NDArray of(NDManager scope, int... rows) {
            List<RgbImage> images = new ArrayList<>();
            for (int row : rows) {
                images.add(LabelledImages.decode(data.images().get(row).file(), source));
            }
            return ImageTensors.toTensor(scope, images);
        }

        @Override
        public void finish(Map<String, NDArray> weights) {
            // Nothing to convert: they were trained on the images themselves.
        }
    }
}
