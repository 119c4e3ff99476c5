package org.imagerl.toolkit.safetensors;

/**
 * IEEE 754 binary16 ("fp16") and bfloat16 to and from float32. Widening is exact; narrowing rounds to nearest, ties to even,
 * overflows to infinity and keeps NaN a NaN, as PyTorch's casts do. Straight-line integer code, since Java 17 has neither.
 */
final class HalfFloats {
    /** The largest finite fp16. */
    public static final float FP16_MAX = 65504f;

    private static final int SIGN = 0x8000_0000;
    private static final int INFINITY = 0x7f80_0000;

    /** The least magnitude that rounds to infinity: half a unit above 65504, as float32 bits. */
    private static final int FP16_OVERFLOW = 0x477f_f000;

    /** The least normal fp16, 2^-14, as float32 bits. */
    private static final int FP16_NORMAL = 0x3880_0000;

    private HalfFloats() {}

    /** The value of an fp16, exactly. */
    public static float fromFp16(short half) {
        int magnitude = half & 0x7fff;
        // Exponent and mantissa in float32's places, then the difference of the biases by an exact product.
        float scaled = Float.intBitsToFloat(magnitude << 13) * 0x1p112f;
        int special = magnitude >= 0x7c00 ? INFINITY : 0;
        return Float.intBitsToFloat(Float.floatToRawIntBits(scaled) | special | (half << 16 & SIGN));
    }

    /** The nearest fp16, ties to even. */
    public static short toFp16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        return (short) (sign | fp16Magnitude(bits & ~SIGN));
    }

    private static int fp16Magnitude(int magnitude) {
        if (magnitude >= FP16_OVERFLOW) {
            return magnitude > INFINITY ? 0x7e00 | (magnitude >>> 13 & 0x3ff) : 0x7c00;
        }
        if (magnitude < FP16_NORMAL) {
            // A unit of 0.5f is that of an fp16 subnormal, 2^-24: the sum rounds for us.
            return Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - 0x3f00_0000;
        }
        int rebased = magnitude - (112 << 23);
        return (rebased + 0xfff + (rebased >>> 13 & 1)) >>> 13;
    }

    /** The value of a bfloat16, exactly. */
    public static float fromBf16(short brain) {
        return Float.intBitsToFloat(brain << 16);
    }

    /** The nearest bfloat16, ties to even. */
    public static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & ~SIGN) > INFINITY) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }
}
