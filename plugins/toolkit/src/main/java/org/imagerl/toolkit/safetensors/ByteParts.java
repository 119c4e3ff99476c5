package org.imagerl.toolkit.safetensors;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Bytes in memory, in parts of a length that a transport takes; a part ends where it is full, wherever that is. */
final class ByteParts implements TensorSource.Sink {
    private final int most;
    private final List<byte[]> parts = new ArrayList<>();
    private ByteBuffer part = ByteBuffer.allocate(0);
    private long left;

    /**
     * @param bytes of all parts together
     * @param most bytes of a part
     */
    ByteParts(long bytes, int most) {
        this.left = bytes;
        this.most = most;
    }

    @Override
    public void write(ByteBuffer bytes) {
        ByteBuffer from = bytes.duplicate();
        while (from.hasRemaining()) {
            if (!part.hasRemaining()) {
                next(from.remaining());
            }
            int count = Math.min(from.remaining(), part.remaining());
            part.put(from.slice().limit(count));
            from.position(from.position() + count);
        }
    }

    private void next(int more) {
        if (left == 0) {
            throw new IllegalArgumentException("tensors gave " + more + " bytes more than their shapes say");
        }
        part = ByteBuffer.allocate((int) Math.min(left, most));
        left -= part.capacity();
        parts.add(part.array());
    }

    /** All of them, when everything is written. */
    List<byte[]> whole() {
        if (left + part.remaining() > 0) {
            throw new IllegalArgumentException(
                    "tensors gave " + (left + part.remaining()) + " bytes less than their shapes say");
        }
        return parts;
    }
}
