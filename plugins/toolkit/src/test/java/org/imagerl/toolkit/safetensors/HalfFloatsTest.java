package org.imagerl.toolkit.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HalfFloatsTest {

    /** The definition of binary16, in double. */
    private static double fp16(int bits) {
        int exponent = bits >> 10 & 31;
        int mantissa = bits & 1023;
        double magnitude = exponent == 0
                ? Math.scalb((double) mantissa, -24)
                : exponent < 31 ? Math.scalb(1024.0 + mantissa, exponent - 25) : mantissa == 0 ? 1.0 / 0.0 : Double.NaN;
        return (bits & 0x8000) == 0 ? magnitude : -magnitude;
    }

    @Test
    void everyFp16WidensExactly() {
        for (int bits = 0; bits < 65536; bits++) {
            assertThat((double) HalfFloats.fromFp16((short) bits))
                    .as("fp16 %04x", bits)
                    .isEqualTo(Double.valueOf(fp16(bits)));
        }
    }

    @Test
    void everyFp16SurvivesARoundTripBitByBit() {
        for (int bits = 0; bits < 65536; bits++) {
            short back = HalfFloats.toFp16(HalfFloats.fromFp16((short) bits));
            boolean nan = Double.isNaN(fp16(bits));
            assertThat(back & 0xffff).as("fp16 %04x", bits).isEqualTo(nan ? bits | 0x200 : bits);
        }
    }

    @Test
    void everyMidpointOfTwoFp16RoundsToTheEvenOneAndItsNeighboursToTheNearest() {
        for (int bits = 0; bits < 0x7bff; bits++) {
            float middle = (float) ((fp16(bits) + fp16(bits + 1)) / 2);
            int even = bits + (bits & 1);
            assertThat((int) HalfFloats.toFp16(middle)).as("above %04x", bits).isEqualTo(even);
            assertThat((int) HalfFloats.toFp16(Math.nextDown(middle)))
                    .as("below the middle above %04x", bits)
                    .isEqualTo(bits);
            assertThat((int) HalfFloats.toFp16(Math.nextUp(middle)))
                    .as("over the middle above %04x", bits)
                    .isEqualTo(bits + 1);
            assertThat(HalfFloats.toFp16(-middle) & 0xffff)
                    .as("minus above %04x", bits)
                    .isEqualTo(even | 0x8000);
        }
    }

    @Test
    void fp16OverflowsToInfinityFromHalfAUnitAboveTheLargest() {
        assertThat(HalfFloats.toFp16(Math.nextDown(65520f))).isEqualTo((short) 0x7bff);
        assertThat(HalfFloats.toFp16(65520f)).isEqualTo((short) 0x7c00);
        assertThat(HalfFloats.toFp16(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xfc00);
        assertThat(HalfFloats.toFp16(Float.MIN_VALUE)).isZero();
        assertThat(HalfFloats.toFp16(-0f)).isEqualTo((short) 0x8000);
    }

    @Test
    void aNanWithOnlyLowBitsStaysANan() {
        float nan = Float.intBitsToFloat(0x7f80_0001);

        assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(nan))).isNaN();
        assertThat(HalfFloats.fromBf16(HalfFloats.toBf16(nan))).isNaN();
    }

    @Test
    void everyBf16IsTheUpperHalfOfAFloatAndSurvivesARoundTrip() {
        for (int bits = 0; bits < 65536; bits++) {
            float value = HalfFloats.fromBf16((short) bits);
            assertThat(Float.floatToRawIntBits(value)).as("bf16 %04x", bits).isEqualTo(bits << 16);
            int expected = Float.isNaN(value) ? bits | 0x40 : bits;
            assertThat(HalfFloats.toBf16(value) & 0xffff).as("bf16 %04x", bits).isEqualTo(expected);
        }
    }

    @Test
    void everyMidpointOfTwoBf16RoundsToTheEvenOneAndItsNeighboursToTheNearest() {
        for (int bits = 0; bits < 0x7f80; bits++) {
            int middle = bits << 16 | 0x8000;
            assertThat(bf16(middle)).as("above %04x", bits).isEqualTo(bits + (bits & 1));
            assertThat(bf16(middle - 1)).as("below the middle above %04x", bits).isEqualTo(bits);
            assertThat(bf16(middle + 1)).as("over the middle above %04x", bits).isEqualTo(bits + 1);
        }
    }

    private static int bf16(int floatBits) {
        return HalfFloats.toBf16(Float.intBitsToFloat(floatBits));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F64", "F32", "F16", "BF16"})
    void arraysSurviveARoundTripThroughEveryFloatingPointType(DType dtype) {
        float[] values = {0f, -0f, 1f, -2.5f, 0x1p-14f, 1.5f, Float.POSITIVE_INFINITY};

        ByteBuffer bytes = FloatCodec.encode(values, dtype);

        assertThat(bytes.remaining()).isEqualTo(values.length * dtype.bytes());
        assertThat(FloatCodec.decode(bytes.order(ByteOrder.BIG_ENDIAN), dtype)).containsExactly(values);
    }
}
