package org.imagerl.latent.reader;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.imagerl.toolkit.tensor.Scope;

/** Tensors of an ONNX file: float32, and whole numbers, which become int64. */
final class OnnxTensors {
    private OnnxTensors() {}

    /** A copy that lives as long as the manager. */
    static NDArray of(TensorProto tensor, NDManager manager) {
        Shape shape = new Shape(
                tensor.getDimsList().stream().mapToLong(Long::longValue).toArray());
        int size = (int) shape.size();
        NDArray made = switch (TensorProto.DataType.forNumber(tensor.getDataType())) {
            case FLOAT -> manager.create(floats(tensor, size), shape);
            case INT32, INT64 -> manager.create(integers(tensor, size), shape);
            default ->
                throw new IllegalArgumentException(
                        "tensors of ONNX's data type " + tensor.getDataType() + " are not read");
        };
        NDArray copy = Scope.keep(made.duplicate());
        made.close();
        return copy;
    }

    private static float[] floats(TensorProto tensor, int size) {
        float[] values = new float[size];
        ByteBuffer raw = raw(tensor);
        for (int i = 0; i < size; i++) {
            values[i] = raw.hasRemaining() ? raw.getFloat() : tensor.getFloatData(i);
        }
        return values;
    }

    private static long[] integers(TensorProto tensor, int size) {
        boolean wide = tensor.getDataType() == TensorProto.DataType.INT64.getNumber();
        long[] values = new long[size];
        ByteBuffer raw = raw(tensor);
        for (int i = 0; i < size; i++) {
            if (raw.hasRemaining()) {
                values[i] = wide ? raw.getLong() : raw.getInt();
            } else {
                values[i] = wide ? tensor.getInt64Data(i) : tensor.getInt32Data(i);
            }
        }
        return values;
    }

    private static ByteBuffer raw(TensorProto tensor) {
        return tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
}
