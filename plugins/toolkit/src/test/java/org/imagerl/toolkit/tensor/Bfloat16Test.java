package org.imagerl.toolkit.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Kernels, and the operations of the engine that networks may use ({@code NetworkOperationsTest} allows no others), on bfloat16: values and
 * gradients are those of float32, rounded.
 */
class Bfloat16Test {
    /** Of the largest value. The result is rounded to 1 part in 256, and so is what some kernels make on the way. */
    private static final double LIMIT = 0.02;

    /** All that the engine does to arrays of networks outside the kernels. */
    private static List<KernelCase> engine() {
        return List.of(
                new KernelCase("add", x -> x[0].add(x[1]), new Shape(2, 3), new Shape(2, 3)),
                new KernelCase("add, broadcast", x -> x[0].add(x[1]), new Shape(2, 3, 4, 4), new Shape(2, 3, 1, 1)),
                new KernelCase("mul", x -> x[0].mul(x[1]), new Shape(2, 3), new Shape(2, 3)),
                new KernelCase("concat", x -> x[0].concat(x[1], 1), new Shape(2, 3), new Shape(2, 4)),
                new KernelCase("reshape", x -> x[0].reshape(3, -1), new Shape(2, 3, 2)),
                new KernelCase("transpose", x -> x[0].transpose(2, 0, 1), new Shape(2, 3, 4)),
                new KernelCase("pad", x -> x[0].pad(new Shape(0, 1, 0, 1), 0), new Shape(1, 2, 3, 3)),
                new KernelCase("slice", x -> JniUtils.slice((PtNDArray) x[0], 1, 1, 3, 1), new Shape(2, 4)),
                new KernelCase("relu", x -> JniUtils.relu((PtNDArray) x[0]), new Shape(3, 4)),
                new KernelCase(
                        "linear",
                        x -> JniUtils.linear((PtNDArray) x[0], (PtNDArray) x[1], (PtNDArray) x[2]),
                        new Shape(2, 3, 8),
                        new Shape(5, 8),
                        new Shape(5)),
                new KernelCase(
                        "convolution",
                        x -> JniUtils.convolution(
                                (PtNDArray) x[0],
                                (PtNDArray) x[1],
                                (PtNDArray) x[2],
                                new Shape(2, 2),
                                new Shape(1, 1),
                                new Shape(1, 1),
                                1),
                        new Shape(1, 3, 6, 6),
                        new Shape(4, 3, 3, 3),
                        new Shape(4)),
                new KernelCase(
                        "embedding",
                        x -> JniUtils.embedding(
                                (PtNDArray) x[0].getManager()
                                        .create(new long[] {3, 0, 3})
                                        .duplicate(),
                                (PtNDArray) x[0],
                                false),
                        new Shape(5, 4)));
    }

    @TestFactory
    Stream<DynamicTest> everyOperationRoundsWhatItDoesInFloat32() {
        return Stream.concat(engine().stream(), KernelCase.all().stream())
                .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c)));
    }

    private static void check(KernelCase c) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray[] narrow = new NDArray[c.inputs().length];
            NDArray[] wide = new NDArray[narrow.length];
            for (int i = 0; i < narrow.length; i++) {
                narrow[i] = Kernels.cast(Kernels.randn(manager, i + 1, c.inputs()[i]), DataType.BFLOAT16);
                wide[i] = Kernels.cast(narrow[i], DataType.FLOAT32);
            }
            float[] expected = run(c, wide, DataType.FLOAT32);
            close(c.name(), run(c, narrow, DataType.BFLOAT16), expected);
            for (int i = 0; i < narrow.length; i++) {
                assertThat(Precision.of(narrow[i].getGradient())).isEqualTo(DataType.BFLOAT16);
                close("gradient of input " + i, Floats.of(narrow[i].getGradient()), Floats.of(wide[i].getGradient()));
            }
        }
    }

    private static float[] run(KernelCase c, NDArray[] inputs, DataType expected) {
        Stream.of(inputs).forEach(input -> input.setRequiresGradient(true));
        return Gradients.record(recording -> {
            NDArray output = c.kernel().apply(inputs);
            assertThat(Precision.of(output)).isEqualTo(expected);
            NDArray wide = Kernels.cast(output, DataType.FLOAT32);
            recording.backward(wide, Kernels.randn(wide.getManager(), 99, wide.getShape()));
            return Floats.of(output);
        });
    }

    private static void close(String what, float[] actual, float[] expected) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        double largest = 0;
        int worst = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            worst = !(Math.abs(actual[i] - expected[i]) <= Math.abs(actual[worst] - expected[worst])) ? i : worst;
        }
        assertThat((double) Math.abs(actual[worst] - expected[worst]))
                .as("%s: element %d is %s, in float32 %s", what, worst, actual[worst], expected[worst])
                .isLessThanOrEqualTo(LIMIT * largest);
    }

    @Test
    void aCastRoundsToNearestEvenWithEightBits() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new float[] {1, 1 + 1 / 256f, 1 + 3 / 256f, -3.1415927f, 1.7014118e38f});
            NDArray rounded = Kernels.cast(x, DataType.BFLOAT16);
            assertThat(Precision.of(rounded)).isEqualTo(DataType.BFLOAT16);
            assertThat(Floats.of(rounded)).containsExactly(1, 1, 1.015625f, -3.140625f, 1.7014118e38f);
            assertThat(Kernels.cast(rounded, DataType.BFLOAT16)).isSameAs(rounded);
        }
    }

    /** As peft computes a float32 adapter on a layer in bfloat16: all in float32, rounded once. */
    @Test
    void anAdapterInFloat32IsAddedInFloat32AndRoundedOnce() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray base = Kernels.cast(Kernels.randn(manager, 1, new Shape(3, 4)), DataType.BFLOAT16);
            NDArray x = Kernels.cast(Kernels.randn(manager, 2, new Shape(3, 5)), DataType.BFLOAT16);
            NDArray down = Kernels.randn(manager, 3, new Shape(2, 5));
            NDArray up = Kernels.randn(manager, 4, new Shape(4, 2));
            NDArray wide = Kernels.loraLinear(
                    Kernels.cast(base, DataType.FLOAT32), Kernels.cast(x, DataType.FLOAT32), down, up, 0.01);
            NDArray sum = Kernels.loraLinear(base, x, down, up, 0.01);
            assertThat(Precision.of(sum)).isEqualTo(DataType.BFLOAT16);
            assertThat(Floats.of(sum)).isEqualTo(Floats.of(Kernels.cast(wide, DataType.BFLOAT16)));
        }
    }

    @Test
    void namesOfDtypesAreThoseOfConfigurations() {
        assertThat(Precision.name(Precision.named("dtype", "bfloat16"))).isEqualTo("bfloat16");
        assertThatThrownBy(() -> Precision.named("vae_dtype", "bf16"))
                .isInstanceOf(UserException.class)
                .hasMessage("vae_dtype must be float32, float16 or bfloat16, not bf16");
    }
}
