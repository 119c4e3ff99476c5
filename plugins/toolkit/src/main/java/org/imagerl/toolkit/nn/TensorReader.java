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
import org.imagerl.toolkit.safetensors.TensorView;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Precision;

/**
 * Reads tensors of a file straight into the engine's own memory, without a copy on the Java heap. The file is not mapped: were it cut
 * while it is mapped, by another download or a synchronised folder, the first look at a lost page would end the process.
 */
final class TensorReader {
    /** Elements that are converted at a time. */
    private static final int PIECE = 1 << 18;

    private final NDManager manager;
    private final DataType type;

    /**
     * Sets the target of the tensors and their dtype.
     *
     * @param manager owns the tensors
     * @param type float32, float16 or bfloat16
     */
    TensorReader(NDManager manager, DataType type) {
        this.manager = manager;
        this.type = type;
    }

    /**
     * One tensor.
     *
     * @param view of a floating-point tensor
     * @param shape with as many elements as the view has
     * @throws UserException if it has values that are not finite, or the file was changed
     */
    NDArray read(TensorView view, Shape shape) {
        if (view.bytes() == 0) {
            return Kernels.cast(manager.create(shape, DataType.FLOAT32), type);
        }
        // The engine has no bfloat16 outside TorchScript: through float32, a piece at a time.
        boolean asItIs = (view.dtype() == DType.F32 || view.dtype() == DType.F16) && view.factor() == 1;
        try (NDManager host = manager.newSubManager(Device.cpu())) {
            Shape stored = view.transposed() ? new Shape(shape.get(1), shape.get(0)) : shape;
            NDArray read = host.create(stored, asItIs ? view.dtype().djl() : DataType.FLOAT32);
            ByteBuffer memory = read.toByteBuffer(true).order(ByteOrder.nativeOrder());
            if (asItIs) {
                view.readInto(0, memory);
            } else {
                convert(view, memory.asFloatBuffer());
            }
            requireFinite(view, read);
            NDArray turned = view.transposed() ? read.transpose().duplicate() : read;
            // Moved before it is rounded: the engine cannot move bfloat16.
            NDArray moved =
                    manager.getDevice().equals(Device.cpu()) ? turned : turned.toDevice(manager.getDevice(), true);
            NDArray placed = Kernels.cast(moved, type);
            placed.attach(manager);
            return placed;
        }
    }

    private static void convert(TensorView view, FloatBuffer to) {
        int size = view.dtype().bytes();
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE * size);
        for (long from = 0; from < view.bytes(); from += piece.limit()) {
            piece.clear().limit((int) Math.min(piece.capacity(), view.bytes() - from));
            view.readInto(from, piece);
            piece.rewind();
            float[] values = FloatCodec.decode(piece, view.dtype());
            if (view.factor() != 1) {
                multiply(values, view.factor());
            }
            to.put(values);
        }
    }

    private static void multiply(float[] values, float factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
    }

    /** One value that is no number makes every image black, many steps later and without a word. */
    private void requireFinite(TensorView view, NDArray read) {
        if (isFinite(read, type)) {
            return;
        }
        String reason = isFinite(read, DataType.FLOAT32)
                ? " has values that are too large for " + Precision.name(type) + "; take float32 (dtype: float32)"
                : " has values that are NaN or infinite: its training diverged, or the file is damaged; take another"
                        + " checkpoint of that training or download it again";
        throw UserException.input(
                view.file().path() + ": tensor " + Quote.of(view.entry().name()) + reason);
    }

    private static boolean isFinite(NDArray values, DataType as) {
        // The highest and the lowest of all: NaN if there is one. Rounding keeps the order.
        return Float.isFinite(rounded(values.max(), as)) && Float.isFinite(rounded(values.min(), as));
    }

    private static float rounded(NDArray number, DataType as) {
        return Kernels.cast(Kernels.cast(number, as), DataType.FLOAT32).getFloat();
    }
}
