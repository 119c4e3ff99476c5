package org.imagerl.rewards.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

final class OnnxSessionTest {

    @Test
    void namesAFileThatIsNoModel() {
        assertThatThrownBy(() -> OnnxSession.load("bad.onnx", new byte[] {1, 2, 3}, new OnnxDevice(OnnxDevice.CPU), 1))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("bad.onnx");
    }
}
