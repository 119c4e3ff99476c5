package org.imagerl.rewards.model;

import java.util.Arrays;
import org.imagerl.rewards.onnx.Feed.Tensor;

/** Arithmetic on what models put out. */
final class Vectors {
    private Vectors() {}

    /** The values of one picture or text: row {@code row} of a tensor [rows, ...], or [rows]. */
    static float[] row(Tensor tensor, int row) {
        int length = tensor.values().length / (int) Math.max(1, tensor.shape().length == 0 ? 1 : tensor.shape()[0]);
        return Arrays.copyOfRange(tensor.values(), row * length, (row + 1) * length);
    }

    /** The cosine of the angle between two vectors of one length, -1 to 1; NaN if one of them is 0. */
    static double cosine(float[] a, float[] b) {
        if (a.length != b.length) {
            throw new IllegalStateException("embeddings have " + a.length + " and " + b.length + " values");
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
    static float[] unit(float[] vector) {
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
