package org.imagerl.toolkit.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Between tensors and bytes. */
class ImageTensorsTest {
    @Test
    void bytesSurviveTheWayToATensorAndBack() {
        byte[] rgb = new byte[3 * 256];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i * 7);
        }
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray tensor =
                    ImageTensors.toTensor(manager, List.of(new RgbImage(32, 8, rgb), new RgbImage(32, 8, rgb)));
            assertThat(ImageTensors.fromTensor(tensor).get(1).rgb()).isEqualTo(rgb);
        }
    }

    @Test
    void valuesOutsideAreClamped() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray tensor = manager.create(new float[] {-1e30f, 0.5f, 1e30f}, new Shape(1, 3, 1, 1));
            assertThat(ImageTensors.fromTensor(tensor).get(0).rgb()).containsExactly(0, 128, 255);
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void oneValueThatIsNoNumberFailsItsImageAndNoOther(float bad) {
        float[] values = new float[3 * 12];
        values[12 + 5] = bad;
        for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT16}) {
            try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                NDArray tensor = manager.create(values, new Shape(3, 3, 2, 2)).toType(type, false);
                List<ImageOrReason> converted = ImageTensors.convert(tensor);
                assertThat(converted.get(0).image()).isNotNull();
                assertThat(converted.get(1).image()).isNull();
                assertThat(converted.get(1).reason()).startsWith("1 of its 12 pixel values are NaN or infinite");
                assertThat(converted.get(2).image()).isNotNull();
                assertThatThrownBy(() -> ImageTensors.fromTensor(tensor))
                        .isInstanceOf(UserException.class)
                        .hasMessageStartingWith("image 1 of a batch of 3 cannot be shown: 1 of its 12");
            }
        }
    }
}
