package org.imagerl.rewards.model;

import java.util.List;
import org.imagerl.rewards.onnx.Feed;
import org.imagerl.rewards.onnx.Feed.Tensor;
import org.imagerl.rewards.onnx.Port;
import org.imagerl.rewards.preprocess.Preprocess;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;

/**
 * The input of a model that takes pictures: float [batch, 3, height, width], or with the colours last.
 *
 * @param port the input
 * @param preprocess what is done to pictures
 * @param coloursLast whether the input is [batch, height, width, 3]
 */
record ImageInput(Port port, Preprocess preprocess, boolean coloursLast) {

    /**
     * Looks at the shape of the input.
     *
     * @throws UserException if it is no picture, or has another fixed size than pictures are made to
     */
    static ImageInput of(Port port, Preprocess preprocess, SettingsPlace place) {
        if (port.shape().size() != 4) {
            throw UserException.input("input " + port + " takes no pictures: they have four dimensions");
        }
        boolean last = port.length(3) == 3 && port.length(1) != 3;
        if (!last && port.length(1) > 0 && port.length(1) != 3) {
            throw UserException.input("input " + port + " does not take three colours");
        }
        long height = port.length(last ? 1 : 2);
        long width = port.length(last ? 2 : 3);
        boolean fits =
                (width < 0 || preprocess.outputWidth() == width) && (height < 0 || preprocess.outputHeight() == height);
        if (!fits) {
            throw UserException.input("input " + port + " takes pictures of " + width + " x " + height
                    + " pixels, but preprocessing makes " + preprocess.outputWidth() + " x " + preprocess.outputHeight()
                    + "; correct preprocessor_config.json, or " + place.key("preprocess"));
        }
        return new ImageInput(port, preprocess, last);
    }

    /** How many pictures a run takes, if that is fixed; else -1. */
    int fixedBatch() {
        return (int) port.length(0);
    }

    /** The input tensor of some pictures; the last is repeated to fill a fixed batch. */
    Feed feed(List<RgbImage> images) {
        int batch = Math.max(images.size(), fixedBatch());
        float[] values = new float[0];
        Preprocess.Input first = new Preprocess.Input(0, 0, values);
        for (int i = 0; i < batch; i++) {
            int at = i * first.values().length;
            if (i < images.size()) {
                Preprocess.Input input = preprocess.apply(images.get(i));
                if (i == 0) {
                    first = input;
                    values = new float[batch * input.values().length];
                } else if (input.width() != first.width() || input.height() != first.height()) {
                    throw new IllegalStateException("pictures of one batch have different sizes after preprocessing");
                }
                put(input, values, at);
            } else {
                System.arraycopy(values, at - first.values().length, values, at, first.values().length);
            }
        }
        long[] shape = coloursLast
                ? new long[] {batch, first.height(), first.width(), 3}
                : new long[] {batch, 3, first.height(), first.width()};
        return new Tensor(values, shape);
    }

    private void put(Preprocess.Input input, float[] values, int at) {
        if (!coloursLast) {
            System.arraycopy(input.values(), 0, values, at, input.values().length);
            return;
        }
        int pixels = input.width() * input.height();
        for (int i = 0; i < pixels; i++) {
            for (int c = 0; c < 3; c++) {
                values[at + 3 * i + c] = input.values()[c * pixels + i];
            }
        }
    }
}
