package org.imagerl.toolkit.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.TensorSource;
import org.imagerl.toolkit.safetensors.TensorView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Parts of tensors of a file as tensors of a network. */
class TensorViewTest {
    private static final float[] NUMBERS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "F64"})
    void partsOfAMatrixAreReadWhateverItsType(DType dtype) {
        read(dtype, whole -> whole.rows(1, 2), new Shape(2, 3), 3, 4, 5, 6, 7, 8);
        read(dtype, whole -> whole.rows(0, 0), new Shape(0, 3));
        read(dtype, TensorView::halvesSwapped, new Shape(4, 3), 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5);
        read(dtype, whole -> whole.rows(2, 2).halvesSwapped(), new Shape(2, 3), 9, 10, 11, 6, 7, 8);
        read(dtype, TensorView::transposedMatrix, new Shape(3, 4), 0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11);
        read(dtype, whole -> whole.rows(3, 1).reshaped(new Shape(3, 1)), new Shape(3, 1), 9, 10, 11);
        read(dtype, whole -> whole.rows(0, 1).times(0.5f), new Shape(1, 3), 0, 0.5f, 1);
    }

    private interface Part {
        TensorView of(TensorView whole);
    }

    private void read(DType dtype, Part part, Shape shape, float... expected) {
        Path path = folder.resolve(dtype + ".safetensors");
        TensorSource matrix = TensorSource.ofFloats("m", dtype, new Shape(4, 3), NUMBERS);
        TensorSource other = TensorSource.ofFloats("a", dtype, new Shape(5), new float[] {-1, -2, -3, -4, -5});
        SafetensorsWriter.write(path, List.of(other, matrix), Map.of());
        try (SafetensorsFile file = SafetensorsFile.open(path);
                NDManager manager = NDManager.newBaseManager()) {
            TensorView view = part.of(TensorView.whole(file, "m"));
            assertThat(view.shape()).isEqualTo(shape);
            assertThat(view.bytes()).isEqualTo(shape.size() * dtype.bytes());
            assertThat(new TensorReader(manager, DataType.FLOAT32)
                            .read(view, shape)
                            .toFloatArray())
                    .as(dtype + " " + view.pieces())
                    .containsExactly(expected);
        }
    }

    @Test
    void aScaledEightBitTensorIsReadAsItWasBefore() {
        assertThat(eight((byte) 0x7e, 0.25f)).containsExactly(112, 112, 112, 112);
    }

    private float[] eight(byte number, float scale) {
        Path path = folder.resolve("f8.safetensors");
        TensorSource source = TensorSource.ofBytes(
                "m", DType.F8_E4M3, new Shape(4), () -> ByteBuffer.wrap(new byte[] {number, number, number, number}));
        SafetensorsWriter.write(path, List.of(source), Map.of());
        try (SafetensorsFile file = SafetensorsFile.open(path);
                NDManager manager = NDManager.newBaseManager()) {
            TensorView view = TensorView.whole(file, "m").times(scale);
            return new TensorReader(manager, DataType.FLOAT32)
                    .read(view, view.shape())
                    .toFloatArray();
        }
    }
}
