package org.imagerl.toolkit.nn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.FloatCodec;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.TensorEntry;

/**
 * Reads tensors of a file straight into the engine's own memory, without a copy on the Java heap. The file is not mapped: were it cut
 * while it is mapped, by another download or a synchronised folder, the first look at a lost page would end the process.
 */
final class TensorReader {
    /** Elements that are converted at a time. */
    private static final int PIECE = 1 << 18;

    private final SafetensorsFile file;
    private final NDManager manager;
    private final DataType type;

    /**
     * Where from, where to, and as what.
     *
     * @param manager owns the tensors
     * @param type float32 or float16
     */
    TensorReader(SafetensorsFile file, NDManager manager, DataType type) {
        this.file = file;
        this.manager = manager;
        this.type = type;
    }

    /**
     * One tensor.
     *
     * @param shape with as many elements as the file has
     * @throws UserException if it is no floating-point tensor, has values that are not finite, or the file was changed
     */
    NDArray read(String name, Shape shape) {
        TensorEntry entry = file.entry(name);
        if (!entry.dtype().isFloat()) {
            throw UserException.input(file.path() + ": tensor " + Quote.of(name) + " has dtype " + entry.dtype()
                    + ", expected F32, F16, BF16 or F64");
        }
        if (entry.elements() == 0) {
            return manager.create(shape, type);
        }
        // The engine has no bfloat16 outside TorchScript: through float32, a piece at a time.
        boolean asItIs = entry.dtype() == DType.F32 || entry.dtype() == DType.F16;
        try (NDManager host = manager.newSubManager(Device.cpu())) {
            NDArray read = host.create(shape, asItIs ? entry.dtype().djl() : DataType.FLOAT32);
            ByteBuffer memory = read.toByteBuffer(true).order(ByteOrder.nativeOrder());
            if (asItIs) {
                file.readInto(name, 0, memory);
            } else {
                convert(entry, memory.asFloatBuffer());
            }
            NDArray wanted = read.getDataType() == type ? read : read.toType(type, true);
            requireFinite(entry, read, wanted);
            NDArray placed =
                    manager.getDevice().equals(Device.cpu()) ? wanted : wanted.toDevice(manager.getDevice(), true);
            placed.attach(manager);
            return placed;
        }
    }

    private void convert(TensorEntry entry, FloatBuffer to) {
        int size = entry.dtype().bytes();
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE * size);
        for (long from = 0; from < entry.bytes(); from += piece.limit()) {
            piece.clear().limit((int) Math.min(piece.capacity(), entry.bytes() - from));
            file.readInto(entry.name(), from, piece);
            piece.rewind();
            to.put(FloatCodec.decode(piece, entry.dtype()));
        }
    }

    /** One value that is no number makes every image black, many steps later and without a word. */
    private void requireFinite(TensorEntry entry, NDArray read, NDArray wanted) {
        if (isFinite(wanted)) {
            return;
        }
        String reason = isFinite(read)
                ? " has values that are too large for float16; take float32 (dtype: float32)"
                : " has values that are NaN or infinite: its training diverged, or the file is damaged; take another"
                        + " checkpoint of that training or download it again";
        throw UserException.input(file.path() + ": tensor " + Quote.of(entry.name()) + reason);
    }

    private static boolean isFinite(NDArray values) {
        // The highest and the lowest of all: NaN if there is one.
        return isFinite(values, true) && isFinite(values, false);
    }

    private static boolean isFinite(NDArray values, boolean highest) {
        try (NDArray extreme = highest ? values.max() : values.min();
                NDArray number = extreme.toType(DataType.FLOAT32, true)) {
            return Float.isFinite(number.getFloat());
        }
    }
}
