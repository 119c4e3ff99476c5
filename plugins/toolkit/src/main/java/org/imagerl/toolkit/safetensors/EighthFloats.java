package org.imagerl.toolkit.safetensors;

/**
 * The 8-bit floating-point numbers of weights to float32, exactly (Micikevicius et al., FP8 Formats for Deep Learning, 2022, arXiv
 * 2209.05433): E5M2 is the upper byte of an fp16; E4M3 has no infinity, and NaN is only all ones beside the sign (PyTorch's
 * {@code float8_e4m3fn}).
 */
final class EighthFloats {
    private static final float[] E4M3 = table(false);
    private static final float[] E5M2 = table(true);

    private EighthFloats() {}

    /** The value of an E4M3 number: at most 448. */
    static float fromE4m3(byte number) {
        return E4M3[number & 0xff];
    }

    /** The value of an E5M2 number: at most 57344. */
    static float fromE5m2(byte number) {
        return E5M2[number & 0xff];
    }

    private static float[] table(boolean wide) {
        float[] values = new float[256];
        for (int bits = 0; bits < values.length; bits++) {
            values[bits] = wide ? HalfFloats.fromFp16((short) (bits << 8)) : e4m3(bits);
        }
        return values;
    }

    private static float e4m3(int bits) {
        int exponent = bits >> 3 & 0xf;
        int fraction = bits & 0x7;
        if (exponent == 0xf && fraction == 0x7) {
            return Float.NaN;
        }
        float magnitude = exponent == 0 ? fraction * 0x1p-9f : Math.scalb(1 + fraction / 8f, exponent - 7);
        return bits < 0x80 ? magnitude : -magnitude;
    }
}
