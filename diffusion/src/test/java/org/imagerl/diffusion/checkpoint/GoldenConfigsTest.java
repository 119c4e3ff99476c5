package org.imagerl.diffusion.checkpoint;

import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.latent.testing.ConfigCheck;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every key of the golden configurations of this family is known. */
class GoldenConfigsTest {
    @TestFactory
    Stream<DynamicTest> everyKeyIsKnown() throws IOException {
        return ConfigCheck.everyKeyIsKnown(
                Map.of("UNet2DConditionModel", path -> UnetConfig.read(path).warnings()));
    }
}
