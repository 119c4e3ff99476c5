package org.imagerl.rewards.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.platform.Fp16Conversions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import org.imagerl.rewards.onnx.ModelInput.Ids;
import org.imagerl.rewards.onnx.ModelInput.Tensor;

/** Converts between Java arrays and tensors of ONNX Runtime, for all types that models take and give. */
final class OrtTensors {
    private OrtTensors() {}

    /** The numbers of a feed, whatever they are kept in. */
    private interface Numbers {
        double at(int index);
    }

    /**
     * Copies a feed, converted to what the model takes; the caller closes it.
     *
     * @throws OrtException if the element cannot be made
     */
    static OnnxTensor of(OrtEnvironment environment, ModelInput input, Element element) throws OrtException {
        if (input instanceof Tensor floats && element == Element.FLOAT) {
            return OnnxTensor.createTensor(environment, FloatBuffer.wrap(floats.values()), floats.shape());
        }
        if (input instanceof Ids ids && element == Element.INT64) {
            return OnnxTensor.createTensor(environment, LongBuffer.wrap(ids.values()), ids.shape());
        }
        return input instanceof Tensor floats
                ? converted(environment, i -> floats.values()[i], floats.values().length, input.shape(), element)
                : converted(
                        environment,
                        i -> ((Ids) input).values()[i],
                        ((Ids) input).values().length,
                        input.shape(),
                        element);
    }

    private static OnnxTensor converted(
            OrtEnvironment environment, Numbers numbers, int count, long[] shape, Element element) throws OrtException {
        return switch (element) {
            case FLOAT -> OnnxTensor.createTensor(environment, floats(numbers, count), shape);
            case DOUBLE -> {
                DoubleBuffer doubles = DoubleBuffer.allocate(count);
                for (int i = 0; i < count; i++) {
                    doubles.put(i, numbers.at(i));
                }
                yield OnnxTensor.createTensor(environment, doubles, shape);
            }
            case FLOAT16 ->
                OnnxTensor.createTensor(
                        environment,
                        Fp16Conversions.convertFloatBufferToFp16Buffer(floats(numbers, count)),
                        shape,
                        OnnxJavaType.FLOAT16);
            case BFLOAT16 ->
                OnnxTensor.createTensor(
                        environment,
                        Fp16Conversions.convertFloatBufferToBf16Buffer(floats(numbers, count)),
                        shape,
                        OnnxJavaType.BFLOAT16);
            case INT16 -> {
                ShortBuffer shorts = ShortBuffer.allocate(count);
                for (int i = 0; i < count; i++) {
                    shorts.put(i, (short) Math.rint(numbers.at(i)));
                }
                yield OnnxTensor.createTensor(environment, shorts, shape);
            }
            case INT32 -> {
                IntBuffer integers = IntBuffer.allocate(count);
                for (int i = 0; i < count; i++) {
                    integers.put(i, (int) Math.rint(numbers.at(i)));
                }
                yield OnnxTensor.createTensor(environment, integers, shape);
            }
            case INT64 -> {
                LongBuffer longs = LongBuffer.allocate(count);
                for (int i = 0; i < count; i++) {
                    longs.put(i, (long) Math.rint(numbers.at(i)));
                }
                yield OnnxTensor.createTensor(environment, longs, shape);
            }
            case INT8, UINT8, BOOL -> {
                ByteBuffer bytes = ByteBuffer.allocateDirect(count).order(ByteOrder.nativeOrder());
                for (int i = 0; i < count; i++) {
                    bytes.put(i, (byte) (int) Math.rint(numbers.at(i)));
                }
                yield OnnxTensor.createTensor(environment, bytes, shape, OnnxJavaType.valueOf(element.name()));
            }
            default -> throw new OrtException("an input of elements " + element + " cannot be made");
        };
    }

    private static FloatBuffer floats(Numbers numbers, int count) {
        FloatBuffer floats = FloatBuffer.allocate(count);
        for (int i = 0; i < count; i++) {
            floats.put(i, (float) numbers.at(i));
        }
        return floats;
    }

    /**
     * Copies an output, widened or narrowed to float32: whole numbers beyond 2^24 are rounded, true is 1.
     *
     * @throws OrtException if it is no tensor of numbers
     */
    static Tensor floats(String name, OnnxValue value) throws OrtException {
        if (!(value instanceof OnnxTensor output)) {
            throw new OrtException("output " + TensorSpec.shown(name) + " is no tensor");
        }
        float[] values = values(name, output);
        return new Tensor(values, output.getInfo().getShape());
    }

    private static float[] values(String name, OnnxTensor output) throws OrtException {
        if (output.getInfo().getNumElements() == 0) {
            return new float[0]; // it has no buffer
        }
        return switch (Element.of(output.getInfo())) {
            case FLOAT, FLOAT16, BFLOAT16 -> { // the latter are widened by ONNX Runtime
                FloatBuffer copy = output.getFloatBuffer();
                if (copy.hasArray() && copy.arrayOffset() == 0 && copy.array().length == copy.remaining()) {
                    yield copy.array(); // nobody else has it
                }
                float[] floats = new float[copy.remaining()];
                copy.get(floats);
                yield floats;
            }
            case DOUBLE -> {
                DoubleBuffer buffer = output.getDoubleBuffer();
                yield all(buffer.remaining(), buffer::get);
            }
            case INT8 -> {
                ByteBuffer buffer = output.getByteBuffer();
                yield all(buffer.remaining(), buffer::get);
            }
            case UINT8, BOOL -> {
                ByteBuffer buffer = output.getByteBuffer();
                yield all(buffer.remaining(), i -> buffer.get(i) & 0xff);
            }
            case INT16 -> {
                ShortBuffer buffer = output.getShortBuffer();
                yield all(buffer.remaining(), buffer::get);
            }
            case UINT16 -> {
                ShortBuffer buffer = output.getShortBuffer();
                yield all(buffer.remaining(), i -> buffer.get(i) & 0xffff);
            }
            case INT32 -> {
                IntBuffer buffer = output.getIntBuffer();
                yield all(buffer.remaining(), buffer::get);
            }
            case UINT32 -> {
                IntBuffer buffer = output.getIntBuffer();
                yield all(buffer.remaining(), i -> Integer.toUnsignedLong(buffer.get(i)));
            }
            case INT64 -> {
                LongBuffer buffer = output.getLongBuffer();
                yield all(buffer.remaining(), buffer::get);
            }
            case UINT64 -> {
                LongBuffer buffer = output.getLongBuffer();
                yield all(buffer.remaining(), i -> unsigned(buffer.get(i)));
            }
            case OTHER ->
                throw new OrtException("output " + TensorSpec.shown(name) + " is " + Element.word(output.getInfo())
                        + ", which is not read");
        };
    }

    private static double unsigned(long bits) {
        return bits >= 0 ? bits : 2.0 * (bits >>> 1);
    }

    private static float[] all(int count, Numbers numbers) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) numbers.at(i);
        }
        return values;
    }
}
