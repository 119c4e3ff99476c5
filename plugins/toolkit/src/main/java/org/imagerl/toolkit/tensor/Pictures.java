package org.imagerl.toolkit.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.RgbImage;

/** Pictures between 8-bit RGB and tensors. */
public final class Pictures {
    private Pictures() {}

    /**
     * Pictures of one size to float32 {@code [B, 3, H, W]} in 0..1.
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
                throw new IllegalArgumentException("pictures of one batch must have one size: " + width + " x " + height
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

    /** Float {@code [B, 3, H, W]} in 0..1 to 8 bits as the published code does: times 255, rounded to even, clamped. */
    public static List<RgbImage> fromTensor(NDArray tensor) {
        Shape shape = tensor.getShape();
        int height = (int) shape.get(2);
        int width = (int) shape.get(3);
        int plane = width * height;
        float[] values = Floats.of(tensor);
        List<RgbImage> images = new ArrayList<>();
        for (int i = 0; i < shape.get(0); i++) {
            byte[] rgb = new byte[3 * plane];
            for (int p = 0; p < plane; p++) {
                for (int c = 0; c < 3; c++) {
                    double scaled = Math.rint(values[(i * 3 + c) * plane + p] * 255f);
                    rgb[3 * p + c] = (byte) Math.max(0, Math.min(255, scaled));
                }
            }
            images.add(new RgbImage(width, height, rgb));
        }
        return images;
    }
}
