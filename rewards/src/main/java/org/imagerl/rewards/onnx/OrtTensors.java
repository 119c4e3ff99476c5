package org.imagerl.rewards.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.platform.Fp16Conversions;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import org.imagerl.rewards.onnx.Feed.Ids;
import org.imagerl.rewards.onnx.Feed.Tensor;

/** Between arrays of Java and tensors of ONNX Runtime, of the types that models take and give. */
final class OrtTensors {
    private OrtTensors() {}

    /** Copies a feed; the caller closes it. */
    static OnnxTensor of(OrtEnvironment environment, Feed feed, OnnxJavaType type) throws OrtException {
        if (feed instanceof Tensor floats) {
            FloatBuffer values = FloatBuffer.wrap(floats.values());
            return type == OnnxJavaType.FLOAT16
                    ? OnnxTensor.createTensor(
                            environment, Fp16Conversions.convertFloatBufferToFp16Buffer(values), floats.shape(), type)
                    : OnnxTensor.createTensor(environment, values, floats.shape());
        }
        Ids ids = (Ids) feed;
        return type == OnnxJavaType.INT32
                ? OnnxTensor.createTensor(
                        environment,
                        IntBuffer.wrap(Arrays.stream(ids.values())
                                .mapToInt(Math::toIntExact)
                                .toArray()),
                        ids.shape())
                : OnnxTensor.createTensor(environment, LongBuffer.wrap(ids.values()), ids.shape());
    }

    /** Copies an output, widened or narrowed to float32. */
    static Tensor floats(OnnxTensor output) throws OrtException {
        TensorInfo info = output.getInfo();
        float[] values = switch (info.type) {
            case INT64 -> toFloats(output.getLongBuffer());
            case DOUBLE -> toFloats(output.getDoubleBuffer());
            default -> copy(output.getFloatBuffer()); // float16 and bfloat16 are widened by ONNX Runtime
        };
        return new Tensor(values, info.getShape());
    }

    /** Not every buffer has an array of its own. */
    private static float[] copy(FloatBuffer buffer) {
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    private static float[] toFloats(LongBuffer buffer) {
        float[] floats = new float[buffer.remaining()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = buffer.get();
        }
        return floats;
    }

    private static float[] toFloats(DoubleBuffer buffer) {
        float[] floats = new float[buffer.remaining()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) buffer.get();
        }
        return floats;
    }
}
