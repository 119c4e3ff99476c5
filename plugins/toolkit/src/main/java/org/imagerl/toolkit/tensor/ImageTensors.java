package org.imagerl.toolkit.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;

/** Images between 8-bit RGB and tensors. */
public final class ImageTensors {
    private ImageTensors() {}

    /**
     * Images of one size to float32 {@code [B, 3, H, W]} in 0..1.
     *
     * @throws IllegalArgumentException if the sizes differ
     */
    public static NDArray toTensor(NDManager manager, List<RgbImage> images) {
        int width = images.get(0).width();
        int height = images.get(0).height();
        int plane = width * height;
        float[] values = new float[images.size() * 3 * plane];
        for (int i = 0; i < images.size(); i++) {
            RgbImage image = images.get(i);
            if (image.width() != width || image.height() != height) {
                throw new IllegalArgumentException("images of one batch must have one size: " + width + " x " + height
                        + " and " + image.width() + " x " + image.height());
            }
            byte[] rgb = image.rgb();
            for (int p = 0; p < plane; p++) {
                for (int c = 0; c < 3; c++) {
                    values[(i * 3 + c) * plane + p] = (rgb[3 * p + c] & 0xff) / 255f;
                }
            }
        }
        return manager.create(values, new Shape(images.size(), 3, height, width))
                .duplicate();
    }

    /**
     * As {@link #convert}, for callers that can do nothing without all images.
     *
     * @param tensor float {@code [B, 3, H, W]} in 0..1
     * @return B images
     * @throws UserException if an image has values that are NaN or infinite; names the image by its place in the batch
     */
    public static List<RgbImage> fromTensor(NDArray tensor) {
        List<RgbImage> images = new ArrayList<>();
        for (ImageOrReason conversion : convert(tensor)) {
            if (conversion.image() == null) {
                throw UserException.input("image " + images.size() + " of a batch of "
                        + tensor.getShape().get(0) + " cannot be shown: " + conversion.reason());
            }
            images.add(conversion.image());
        }
        return images;
    }

    /**
     * Images to 8 bits as the published code does: times 255, rounded to even, clamped. An image with a value that is NaN or infinite
     * is reported, never converted: clamping would make it a black or white image that looks as if it had been drawn.
     *
     * @param tensor float {@code [B, 3, H, W]} in 0..1
     * @return one for each of the B images, in their order
     */
    public static List<ImageOrReason> convert(NDArray tensor) {
        Shape shape = tensor.getShape();
        int height = (int) shape.get(2);
        int width = (int) shape.get(3);
        float[] values = Floats.of(tensor);
        List<ImageOrReason> images = new ArrayList<>();
        for (int i = 0; i < shape.get(0); i++) {
            images.add(convert(values, i * 3 * width * height, width, height));
        }
        return images;
    }

    private static ImageOrReason convert(float[] values, int start, int width, int height) {
        int plane = width * height;
        int bad = 0;
        byte[] rgb = new byte[3 * plane];
        for (int p = 0; p < plane; p++) {
            for (int c = 0; c < 3; c++) {
                float value = values[start + c * plane + p];
                bad += Float.isFinite(value) ? 0 : 1;
                rgb[3 * p + c] = (byte) Math.max(0, Math.min(255, Math.rint(value * 255f)));
            }
        }
        return bad == 0
                ? new ImageOrReason(new RgbImage(width, height, rgb), "")
                : new ImageOrReason(
                        null,
                        bad + " of its " + rgb.length + " pixel values are NaN or infinite: the weights hold such"
                                + " values, the training diverged, or a computation overflowed");
    }
}
