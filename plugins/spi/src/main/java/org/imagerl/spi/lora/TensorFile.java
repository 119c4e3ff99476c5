package org.imagerl.spi.lora;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;

/** An open file of named tensors, whose header was checked and whose tensors are read when they are asked for. */
public interface TensorFile extends AutoCloseable {

    /** The file. */
    Path path();

    /** The names of the tensors. */
    Collection<String> names();

    /** The strings of the header; empty if there are none. */
    Map<String, String> metadata();

    /** The size of all tensors together, in bytes. */
    long bytes();

    /**
     * The shape of a tensor; no dimension for a scalar.
     *
     * @throws org.imagerl.spi.UserException if there is none of that name
     */
    Shape shape(String name);

    /**
     * The elements of a floating-point tensor as float32, row-major.
     *
     * @throws org.imagerl.spi.UserException if there is none of that name, or it has another type
     */
    float[] floats(String name);

    /**
     * A tensor that is a single number.
     *
     * @return finite
     * @throws org.imagerl.spi.UserException if it is not
     */
    double number(String name);

    @Override
    void close();
}
