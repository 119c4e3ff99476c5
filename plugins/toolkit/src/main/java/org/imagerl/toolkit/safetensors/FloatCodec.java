package org.imagerl.toolkit.safetensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.ShortBuffer;

/** Floating-point tensors between the bytes of a file and float32 arrays. Loops over whole arrays, one per type. */
public final class FloatCodec {
    private FloatCodec() {}

    /**
     * Elements as float32.
     *
     * @param bytes the elements from position to limit; its own byte order does not matter, they are little-endian
     * @param dtype F64 (rounded to nearest), F32, F16, BF16, F8_E4M3 or F8_E5M2 (exact)
     */
    public static float[] decode(ByteBuffer bytes, DType dtype) {
        ByteBuffer little = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[little.remaining() / dtype.bytes()];
        switch (dtype) {
            case F32 -> little.asFloatBuffer().get(values);
            case F64 -> fromDoubles(little.asDoubleBuffer(), values);
            case F16 -> fromFp16(little.asShortBuffer(), values);
            case BF16 -> fromBf16(little.asShortBuffer(), values);
            case F8_E4M3 -> fromE4m3(little, values);
            case F8_E5M2 -> fromE5m2(little, values);
            default -> throw new IllegalArgumentException(dtype + " is not a floating-point type that can be read");
        }
        return values;
    }

    /**
     * The little-endian bytes of float32 elements in another type: F64 and F32 exact, F16 and BF16 rounded to nearest even.
     *
     * @return a heap buffer from position 0 to its limit
     */
    public static ByteBuffer encode(float[] values, DType dtype) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, dtype.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        switch (dtype) {
            case F32 -> bytes.asFloatBuffer().put(values);
            case F64 -> toDoubles(values, bytes.asDoubleBuffer());
            case F16 -> toFp16(values, bytes.asShortBuffer());
            case BF16 -> toBf16(values, bytes.asShortBuffer());
            default -> throw new IllegalArgumentException(dtype + " is not a floating-point type that can be written");
        }
        return bytes;
    }

    private static void fromDoubles(DoubleBuffer from, float[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = (float) from.get(i);
        }
    }

    private static void fromFp16(ShortBuffer from, float[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = HalfFloats.fromFp16(from.get(i));
        }
    }

    private static void fromBf16(ShortBuffer from, float[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = HalfFloats.fromBf16(from.get(i));
        }
    }

    private static void fromE4m3(ByteBuffer from, float[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = EighthFloats.fromE4m3(from.get(i));
        }
    }

    private static void fromE5m2(ByteBuffer from, float[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = EighthFloats.fromE5m2(from.get(i));
        }
    }

    private static void toDoubles(float[] from, DoubleBuffer to) {
        for (int i = 0; i < from.length; i++) {
            to.put(i, from[i]);
        }
    }

    private static void toFp16(float[] from, ShortBuffer to) {
        for (int i = 0; i < from.length; i++) {
            to.put(i, HalfFloats.toFp16(from[i]));
        }
    }

    private static void toBf16(float[] from, ShortBuffer to) {
        for (int i = 0; i < from.length; i++) {
            to.put(i, HalfFloats.toBf16(from[i]));
        }
    }
}
