package org.imagerl.diffusion.pipeline;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.latent.testing.PipelineCheck;
import org.imagerl.spi.Dynamics;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Prompt to image against diffusers: every checkpoint of golden/pipelines and golden/single-files that is a Stable Diffusion one. */
class GoldenPipelinesTest {

    @TestFactory
    Stream<DynamicTest> imagesEqualDiffusers() throws IOException {
        return PipelineCheck.tests(List.of(StableDiffusion.FAMILY), GoldenPipelinesTest::dynamics);
    }

    @TestFactory
    Stream<DynamicTest> imagesOfSingleFilesEqualDiffusers() throws IOException {
        return PipelineCheck.singleFiles(List.of(StableDiffusion.FAMILY), GoldenPipelinesTest::dynamics);
    }

    private static Dynamics dynamics(JsonNode call) {
        return new DdimDynamics(new DdimDynamics.Config(call.get("eta").asDouble()));
    }
}
