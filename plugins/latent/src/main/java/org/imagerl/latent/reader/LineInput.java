package org.imagerl.latent.reader;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Images of one line as PP-OCR's recogniser takes them, differentiable: resized to its height as OpenCV's bilinear {@code resize} does, blue first,
 * normalised to -1..1, padded with 0 on the right.
 *
 * <p>Source: PaddleOCR 2.9, tools/infer/predict_rec.py, resize_norm_img; short lines are padded to {@link #MIN_WIDTH}, as the reward {@code ocr} in mode line.
 */
final class LineInput {
    private static final int HEIGHT = 48;
    private static final int MAX_WIDTH = 80 * HEIGHT;
    private static final int MIN_WIDTH = 48;

    private LineInput() {}

    /**
     * The input of the network.
     *
     * @param images float32 {@code [B, 3, H, W]} in 0..1
     * @return float32 {@code [B, 3, 48, w]} in -1..1
     */
    static NDArray of(NDArray images) {
        int height = (int) images.getShape().get(2);
        int width = (int) images.getShape().get(3);
        int wide = (int) Math.min(MAX_WIDTH, Math.ceil((double) HEIGHT * width / height));
        return Scope.of(() -> {
            NDManager manager = images.getManager();
            NDArray columns = bilinear(manager, width, wide).transpose();
            NDArray resized = bilinear(manager, height, HEIGHT).matMul(images.matMul(columns));
            NDArray blueFirst = resized.flip(1);
            NDArray normalised = Kernels.shift(Kernels.scale(blueFirst, 2), -1);
            if (wide >= MIN_WIDTH) {
                return normalised;
            }
            long batch = images.getShape().get(0);
            return normalised.concat(manager.zeros(new Shape(batch, 3, HEIGHT, MIN_WIDTH - wide)), 3);
        });
    }

    /** A row of weights for each pixel that comes out: pixel centres, no smoothing when shrinking. Float32 {@code [to, from]}. */
    private static NDArray bilinear(NDManager manager, int from, int to) {
        float[] matrix = new float[to * from];
        for (int i = 0; i < to; i++) {
            double at = Math.max(0, Math.min(from - 1, (i + 0.5) * from / to - 0.5));
            int low = (int) at;
            int high = Math.min(low + 1, from - 1);
            matrix[i * from + low] += (float) (1 - (at - low));
            matrix[i * from + high] += (float) (at - low);
        }
        return manager.create(matrix, new Shape(to, from)).duplicate();
    }
}
