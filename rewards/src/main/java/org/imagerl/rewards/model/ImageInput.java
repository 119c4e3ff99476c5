package org.imagerl.rewards.model;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.imagerl.hub.preprocess.Preprocess;
import org.imagerl.rewards.onnx.Element;
import org.imagerl.rewards.onnx.ModelInput;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;

/**
 * The input of a model that takes images: [batch, 3, height, width], with the colours last, or one image without a batch.
 *
 * @param tensor the input
 * @param preprocess what is done to images
 * @param coloursLast whether the input is [batch, height, width, 3]
 */
record ImageInput(TensorSpec tensor, Preprocess preprocess, boolean coloursLast) {
    /** Of the input of one run; beyond it every score would take gigabytes. */
    private static final long MAX_BYTES = 256L << 20;
    /** Where the size of images is not fixed. */
    private static final int MAX_BATCH = 256;

    /**
     * Looks at the type and the shape of the input.
     *
     * @throws UserException if it is no image, has another fixed size than images are made to, or takes too many at a time
     */
    static ImageInput of(TensorSpec tensor, Preprocess preprocess, SettingsPlace place) {
        int rank = tensor.shape().size();
        if (rank != 0 && rank != 3 && rank != 4) { // 0 where the model does not say it
            throw UserException.input(
                    "input " + tensor + " takes no images: they have four dimensions (batch, colours, height,"
                            + " width), or three without the batch");
        }
        boolean last = tensor.length(-1) == 3 && tensor.length(-3) != 3;
        if (!last && tensor.length(-3) >= 0 && tensor.length(-3) != 3) {
            throw UserException.input(
                    "input " + tensor + " does not take three colours: neither the first nor the last dimension"
                            + " of an image is 3; export the model for RGB images");
        }
        ImageInput input = new ImageInput(tensor, preprocess, last);
        input.requireElements(place);
        input.requireSize(place);
        input.requireModestBatch();
        return input;
    }

    private void requireElements(SettingsPlace place) {
        Element element = tensor.element();
        if (!element.isFed() || element == Element.BOOL || element == Element.INT8) {
            throw UserException.input("input " + tensor + " takes " + tensor.type()
                    + ", which images are not made into; export the model with an input of float");
        }
        boolean bytes = preprocess.rescale() == 1
                && preprocess.rescaleOffset() == 0
                && preprocess.precision() == Preprocess.Precision.UINT8
                && Arrays.equals(preprocess.mean(), new float[3])
                && Arrays.equals(preprocess.std(), new float[] {1, 1, 1});
        if (!element.isFloat() && !bytes) {
            throw UserException.input("input " + tensor
                    + " takes whole numbers, but preprocessing makes fractions; if it takes the"
                    + " bytes of images, 0 to 255, say so: "
                    + place.key("preprocess: {precision: uint8, rescale: 1, mean: [0, 0, 0], std: [1, 1, 1], ...}"));
        }
    }

    private void requireSize(SettingsPlace place) {
        long height = tensor.length(coloursLast ? -3 : -2);
        long width = tensor.length(coloursLast ? -2 : -1);
        boolean fits =
                (width < 0 || preprocess.outputWidth() == width) && (height < 0 || preprocess.outputHeight() == height);
        if (!fits) {
            throw UserException.input("input " + tensor + " takes images of " + side(width) + " x " + side(height)
                    + " pixels, but preprocessing makes " + side(preprocess.outputWidth()) + " x "
                    + side(preprocess.outputHeight()) + "; correct preprocessor_config.json, or "
                    + place.key("preprocess"));
        }
    }

    private static String side(long pixels) {
        return pixels < 0 ? "any" : pixels == 0 ? "their own" : Long.toString(pixels);
    }

    private void requireModestBatch() {
        long batch = tensor.shape().size() == 4 ? tensor.length(0) : -1;
        long pixels = (long) preprocess.outputWidth() * preprocess.outputHeight();
        double bytes = 12.0 * batch * pixels;
        if (batch == 0 || (batch > 0 && (pixels == 0 ? batch > MAX_BATCH : bytes > MAX_BYTES))) {
            throw UserException.input("input " + tensor + " takes " + batch + " images at a time"
                    + (pixels == 0 ? "" : String.format(Locale.ROOT, ", which are %.0f MB of numbers", bytes / 1e6))
                    + "; a run may take from 1 image to "
                    + (pixels == 0 ? MAX_BATCH + " of them" : (MAX_BYTES >> 20) + " MiB of them")
                    + "; export the model with a batch that is not fixed, or of 1");
        }
    }

    /** How many images a run takes, if that is fixed; else -1. */
    int fixedBatch() {
        return tensor.shape().size() == 3 ? 1 : (int) tensor.length(0);
    }

    /** How many images a run of some is of: more, if the batch is fixed. */
    int rows(int images) {
        return Math.max(images, fixedBatch());
    }

    /** The input tensor of some images; the last is repeated to fill a fixed batch. */
    ModelInput input(List<RgbImage> images) {
        int batch = rows(images.size());
        float[] values = new float[0];
        Preprocess.Input first = new Preprocess.Input(0, 0, values);
        for (int i = 0; i < batch; i++) {
            int at = i * first.values().length;
            if (i < images.size()) {
                Preprocess.Input input = preprocess.apply(images.get(i));
                if (i == 0) {
                    first = input;
                    values = new float[Math.multiplyExact(batch, input.values().length)];
                } else if (input.width() != first.width() || input.height() != first.height()) {
                    throw new IllegalStateException("images of one batch have different sizes after preprocessing");
                }
                put(input, values, at);
            } else {
                System.arraycopy(values, at - first.values().length, values, at, first.values().length);
            }
        }
        return new Tensor(values, shape(batch, first.height(), first.width()));
    }

    private long[] shape(int batch, int height, int width) {
        long[] shape = coloursLast ? new long[] {batch, height, width, 3} : new long[] {batch, 3, height, width};
        return tensor.shape().size() == 3 ? Arrays.copyOfRange(shape, 1, 4) : shape;
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
