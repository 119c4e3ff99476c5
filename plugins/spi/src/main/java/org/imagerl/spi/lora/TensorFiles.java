package org.imagerl.spi.lora;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Map;

/** Opens and writes files of tensors (safetensors), for callers that only know the names of tensors. */
public interface TensorFiles {

    /**
     * Opens a file and checks its header.
     *
     * @throws org.imagerl.spi.UserException if it is missing or damaged, or a pickle
     */
    TensorFile open(Path file);

    /**
     * Writes a file whole or not at all.
     *
     * @param tensors by name; those without dimensions are written in float32 whatever the type is, since it would round them
     * @param dtype FLOAT32 or FLOAT16
     * @param metadata the strings of the header
     * @throws org.imagerl.spi.UserException if it cannot be written, or a value is not finite or does not fit the type
     */
    void write(Path file, Map<String, Tensor> tensors, DataType dtype, Map<String, String> metadata);

    /**
     * A tensor to write.
     *
     * @param shape no dimension for a scalar
     * @param values float32, row-major, not copied
     */
    record Tensor(Shape shape, float[] values) {

        /** A single number. */
        public static Tensor of(double number) {
            return new Tensor(new Shape(), new float[] {(float) number});
        }
    }
}
