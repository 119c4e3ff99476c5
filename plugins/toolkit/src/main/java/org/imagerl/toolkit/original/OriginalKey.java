package org.imagerl.toolkit.original;

import ai.djl.ndarray.types.Shape;
import org.imagerl.toolkit.safetensors.TensorView;

/**
 * Where a weight is in the layout of the model's own code.
 *
 * @param tensor the name of the tensor
 * @param part which of the parts that are its rows one after another, from 0; 0 for a tensor of one part
 * @param form how its numbers lie there
 */
public record OriginalKey(String tensor, int part, Form form) {

    /** How the numbers of a weight lie in the file. */
    public enum Form {
        /** In the same order. */
        SAME,
        /** The second half of the rows before the first: scale and shift of a norm have changed places. */
        HALVES_SWAPPED,
        /** Columns for rows: a matrix that is multiplied from the other side. */
        TRANSPOSED,
        /** In the same order, as a 1 x 1 convolution. */
        CONVOLUTION,
        /** In no file: the weight is the identity matrix, because the model's own code has no such layer. */
        IDENTITY
    }

    /** A weight that is a tensor of the file. */
    public static OriginalKey of(String tensor) {
        return new OriginalKey(tensor, 0, Form.SAME);
    }

    /** The shape in the file of a weight that is a whole tensor. */
    Shape original(Shape weight) {
        return switch (form) {
            case TRANSPOSED -> new Shape(weight.get(1), weight.get(0));
            case CONVOLUTION -> new Shape(weight.get(0), weight.get(1), 1, 1);
            default -> weight;
        };
    }

    /** The weight, as its part of the file's tensor shows it. */
    TensorView view(TensorView part, Shape weight) {
        TensorView turned = switch (form) {
            case HALVES_SWAPPED -> part.halvesSwapped();
            case TRANSPOSED -> part.transposedMatrix();
            default -> part;
        };
        return turned.reshaped(weight);
    }

    /** The numbers of a weight in the order of the file. */
    public float[] original(float[] numbers, Shape weight) {
        return switch (form) {
            case HALVES_SWAPPED -> halvesSwapped(numbers);
            case TRANSPOSED -> transposed(numbers, Math.toIntExact(weight.get(0)), Math.toIntExact(weight.get(1)));
            default -> numbers;
        };
    }

    private static float[] halvesSwapped(float[] numbers) {
        int half = numbers.length / 2;
        float[] swapped = new float[numbers.length];
        System.arraycopy(numbers, half, swapped, 0, half);
        System.arraycopy(numbers, 0, swapped, half, half);
        return swapped;
    }

    private static float[] transposed(float[] numbers, int rows, int columns) {
        float[] turned = new float[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            turned[i % columns * rows + i / columns] = numbers[i];
        }
        return turned;
    }
}
