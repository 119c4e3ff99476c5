package org.imagerl.toolkit.safetensors;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.imagerl.spi.text.Quote;

/**
 * A tensor to be written: what it is, and what gives its bytes when their turn comes, so that a checkpoint is never in memory
 * twice.
 *
 * @param name unique in its file
 * @param dtype the type of its elements
 * @param shape its dimensions
 * @param content gives its bytes; called once per file written
 */
public record TensorSource(String name, DType dtype, Shape shape, Content content) {

    /** Gives the bytes of a tensor; may hold native memory for just as long as this call takes. */
    @FunctionalInterface
    public interface Content {
        /** Writes all bytes of the tensor, row-major and little-endian, in as many pieces as wanted. */
        void writeTo(Sink sink) throws IOException;
    }

    /** Takes the bytes of a tensor. */
    @FunctionalInterface
    public interface Sink {
        /** Takes the bytes from position to limit. The buffer may be used again afterwards. */
        void write(ByteBuffer bytes) throws IOException;
    }

    /** Refuses names that no header can hold. */
    public TensorSource {
        if (name.isEmpty() || name.equals(SafetensorsHeader.METADATA_KEY)) {
            throw new IllegalArgumentException("no tensor may be named " + Quote.of(name));
        }
    }

    /** A tensor whose bytes are in one buffer, made when asked for. */
    public static TensorSource ofBytes(String name, DType dtype, Shape shape, Supplier<ByteBuffer> bytes) {
        return new TensorSource(name, dtype, shape, sink -> sink.write(bytes.get()));
    }

    /** A tensor of float32 values that is converted to {@code dtype} (F64, F32, F16, BF16) as it is written. */
    public static TensorSource ofFloats(String name, DType dtype, Shape shape, float[] values) {
        return ofBytes(name, dtype, shape, () -> FloatCodec.encode(values, dtype));
    }

    /** Its size in bytes. */
    public long bytes() {
        long bytes = dtype.bytes();
        for (long dimension : shape.getShape()) {
            bytes = Math.multiplyExact(bytes, dimension);
        }
        return bytes;
    }
}
