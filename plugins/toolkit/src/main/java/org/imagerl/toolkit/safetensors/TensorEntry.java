package org.imagerl.toolkit.safetensors;

import ai.djl.ndarray.types.Shape;

/**
 * Where one tensor lies. Checked: {@code end - begin} is exactly the size of the shape in that type.
 *
 * @param name unique in its file
 * @param dtype the type of its elements
 * @param shape its dimensions, none negative; no dimension for a scalar
 * @param begin its first byte, counted from the first byte after the header
 * @param end one past its last byte, counted likewise
 */
public record TensorEntry(String name, DType dtype, Shape shape, long begin, long end) {

    /** Its size in bytes. */
    public long bytes() {
        return end - begin;
    }

    /** Its number of elements. */
    public long elements() {
        return bytes() / dtype.bytes();
    }
}
