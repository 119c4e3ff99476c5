package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.util.Arrays;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.UserException;

/** Arithmetic on what models put out. */
public final class Embeddings {
    private Embeddings() {}

    /**
     * The values of one image or text: all, if the run was of that one alone, else row {@code row} of a tensor [rows, ...].
     *
     * @param name of the output
     * @param rows images or texts that went into the run
     * @throws OrtException if the tensor has not as many rows, so that it cannot be said which values belong to which
     */
    static float[] row(String name, Tensor tensor, int row, int rows) throws OrtException {
        float[] values = tensor.values();
        if (rows == 1) {
            return values;
        }
        long[] shape = tensor.shape();
        if (shape.length == 0 || shape[0] != rows) {
            throw new OrtException("output " + TensorSpec.shown(name) + " has the shape " + Arrays.toString(shape)
                    + " for " + rows + " images or prompts; its first dimension must count them");
        }
        int length = values.length / rows;
        return Arrays.copyOfRange(values, row * length, (row + 1) * length);
    }

    /** The cosine of the angle between two vectors of one length, -1 to 1; NaN if one of them is 0. */
    public static double cosine(float[] a, float[] b) {
        if (a.length != b.length) {
            throw UserException.input("the embeddings of image and prompt have " + a.length + " and " + b.length
                    + " values, so that they cannot be compared; are these outputs embeddings?");
        }
        double product = 0;
        double squaresA = 0;
        double squaresB = 0;
        for (int i = 0; i < a.length; i++) {
            product += (double) a[i] * b[i];
            squaresA += (double) a[i] * a[i];
            squaresB += (double) b[i] * b[i];
        }
        double cosine = product / Math.sqrt(squaresA) / Math.sqrt(squaresB);
        return Math.max(-1, Math.min(1, cosine));
    }

    /** The vector divided by its length. */
    public static float[] unit(float[] vector) {
        double squares = 0;
        for (float x : vector) {
            squares += (double) x * x;
        }
        float[] unit = new float[vector.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (vector[i] / Math.sqrt(squares));
        }
        return unit;
    }
}
