package org.imagerl.toolkit.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.util.Map;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

class Float32PrecisionTest {
    private static final Map<String, String> HIGHEST = Map.of("NVIDIA_TF32_OVERRIDE", "0");
    private static final Map<String, String> HIGH = Map.of("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "1");

    @Test
    void theEnvironmentSaysWhichItIs() {
        assertThat(Float32Precision.of(HIGHEST)).contains(Float32Precision.HIGHEST);
        assertThat(Float32Precision.of(HIGH)).contains(Float32Precision.HIGH);
        assertThat(Float32Precision.of(Map.of("NVIDIA_TF32_OVERRIDE", "1"))).isEmpty();
        assertThat(Float32Precision.of(Map.of())).isEmpty();
    }

    @Test
    void aGpuOfAnotherPrecisionIsRefusedWithTheWayToStartIt() {
        assertThatCode(() -> Float32Precision.HIGHEST.require(Device.gpu(), HIGHEST))
                .doesNotThrowAnyException();
        assertThatCode(() -> Float32Precision.HIGH.require(Device.gpu(), HIGH)).doesNotThrowAnyException();
        assertThatThrownBy(() -> Float32Precision.HIGHEST.require(Device.gpu(), HIGH))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("precision: highest, but this process was started for high")
                .hasMessageContaining("imagerl --precision highest");
        assertThatThrownBy(() -> Float32Precision.HIGH.require(Device.gpu(1), Map.of()))
                .hasMessageContaining("neither NVIDIA_TF32_OVERRIDE=0 nor TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1");
    }

    @Test
    void aCpuHasOneAlone() {
        assertThatCode(() -> Float32Precision.HIGH.require(Device.cpu(), Map.of()))
                .doesNotThrowAnyException();
    }
}
