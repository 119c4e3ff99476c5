package org.imagerl.toolkit.safetensors;

import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A tensor in the form that a network needs, of a tensor in a file: all of it, some of its rows, its halves the other
 * way round, or transposed. Nothing is read until it is asked for.
 *
 * @param file where it is
 * @param entry the tensor of the file
 * @param shape as the network sees it; of a transposed one too
 * @param pieces the parts of the file's tensor that make it, one after the other
 * @param transposed whether the pieces are the matrix {@code [shape(1), shape(0)]}, row-major
 * @param factor of every element: 1, or the scale with which an 8-bit tensor was stored
 */
public record TensorView(
        SafetensorsFile file, TensorEntry entry, Shape shape, List<Piece> pieces, boolean transposed, float factor) {

    /**
     * A part of a tensor.
     *
     * @param begin its first byte, counted from the first byte of the tensor
     * @param end one past its last byte, counted likewise
     */
    public record Piece(long begin, long end) {
        long bytes() {
            return end - begin;
        }
    }

    /** Keeps its own copy of the list. */
    public TensorView {
        pieces = List.copyOf(pieces);
    }

    /** All of a tensor. */
    public static TensorView whole(SafetensorsFile file, String name) {
        TensorEntry entry = file.entry(name);
        return new TensorView(file, entry, entry.shape(), List.of(new Piece(0, entry.bytes())), false, 1);
    }

    /**
     * Some rows (of the first dimension) of all of a tensor.
     *
     * @throws IllegalArgumentException if it has no such rows
     */
    public TensorView rows(long from, long count) {
        long rows = shape.dimension() == 0 ? 0 : shape.get(0);
        if (from < 0 || count < 0 || from + count > rows || pieces.size() != 1 || transposed) {
            throw new IllegalArgumentException("no rows " + from + " to " + (from + count) + " in " + shape);
        }
        long row = rows == 0 ? 0 : entry.bytes() / rows;
        return new TensorView(
                file, entry, withRows(count), List.of(new Piece(from * row, (from + count) * row)), false, factor);
    }

    private Shape withRows(long count) {
        long[] dimensions = shape.getShape().clone();
        dimensions[0] = count;
        return new Shape(dimensions);
    }

    /**
     * The second half of the rows before the first.
     *
     * @throws IllegalArgumentException if there are no halves
     */
    public TensorView halvesSwapped() {
        if (shape.dimension() == 0 || shape.get(0) % 2 != 0 || pieces.size() != 1) {
            throw new IllegalArgumentException("no halves in " + shape);
        }
        Piece all = pieces.get(0);
        long middle = all.begin + all.bytes() / 2;
        List<Piece> swapped = List.of(new Piece(middle, all.end), new Piece(all.begin, middle));
        return new TensorView(file, entry, shape, swapped, transposed, factor);
    }

    /**
     * A matrix with rows for columns.
     *
     * @throws IllegalArgumentException if it is no matrix
     */
    public TensorView transposedMatrix() {
        if (shape.dimension() != 2) {
            throw new IllegalArgumentException("no matrix: " + shape);
        }
        return new TensorView(file, entry, new Shape(shape.get(1), shape.get(0)), pieces, !transposed, factor);
    }

    /** The same elements in a shape of as many. */
    public TensorView reshaped(Shape other) {
        return new TensorView(file, entry, other, pieces, transposed, factor);
    }

    /** The same with all elements times a number. */
    public TensorView times(float scale) {
        return new TensorView(file, entry, shape, pieces, transposed, factor * scale);
    }

    /** Type of its elements. */
    public DType dtype() {
        return entry.dtype();
    }

    /** Its size in the file in bytes. */
    public long bytes() {
        return pieces.stream().mapToLong(Piece::bytes).sum();
    }

    /**
     * Reads some of it, from the buffer's position to its limit, in the order of the file where it is transposed.
     *
     * @param from the first byte, counted from its own first byte
     * @throws org.imagerl.spi.UserException as {@link SafetensorsFile#readInto}
     */
    public void readInto(long from, ByteBuffer buffer) {
        int end = buffer.limit();
        long before = 0;
        long next = from;
        for (Piece piece : pieces) {
            long inside = Math.max(0, next - before);
            if (inside < piece.bytes() && buffer.position() < end) {
                long count = Math.min(piece.bytes() - inside, end - (long) buffer.position());
                buffer.limit(buffer.position() + (int) count);
                file.readInto(entry.name(), piece.begin + inside, buffer);
                buffer.limit(end);
                next += count;
            }
            before += piece.bytes();
        }
    }
}
