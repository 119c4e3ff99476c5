package org.imagerl.diffusion.pipeline;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.latent.testing.PipelineCheck;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Prompt to image against diffusers: every checkpoint of golden/pipelines that is a Stable Diffusion one. */
class GoldenPipelinesTest {

    @TestFactory
    Stream<DynamicTest> imagesEqualDiffusers() throws IOException {
        return PipelineCheck.tests(
                List.of(StableDiffusion.FAMILY),
                call -> new DdimDynamics(new DdimDynamics.Config(call.get("eta").asDouble())));
    }
}
