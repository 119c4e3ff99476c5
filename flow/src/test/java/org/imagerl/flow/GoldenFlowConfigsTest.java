package org.imagerl.flow;

import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.flow.checkpoint.FluxConfig;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.flow.checkpoint.T5Config;
import org.imagerl.latent.testing.ConfigCheck;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every key of the golden configurations of this module's families is known. */
class GoldenFlowConfigsTest {

    @TestFactory
    Stream<DynamicTest> everyKeyIsKnown() throws IOException {
        return ConfigCheck.everyKeyIsKnown(Map.of(
                "SD3Transformer2DModel", path -> Sd3Config.read(path).warnings(),
                "FluxTransformer2DModel", path -> FluxConfig.read(path).warnings(),
                "t5", path -> T5Config.read(path).warnings()));
    }
}
