package org.imagerl.flow.pipeline;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.latent.testing.PipelineCheck;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Prompt to image against diffusers: every checkpoint of golden/pipelines and golden/single-files that is of this module's families. */
class GoldenFlowPipelinesTest {

    @TestFactory
    Stream<DynamicTest> imagesEqualDiffusers() throws IOException {
        return PipelineCheck.tests(List.of(StableDiffusion3.FAMILY, Flux.FAMILY), call -> new OdeDynamics());
    }

    @TestFactory
    Stream<DynamicTest> imagesOfSingleFilesEqualDiffusers() throws IOException {
        return PipelineCheck.singleFiles(List.of(StableDiffusion3.FAMILY, Flux.FAMILY), call -> new OdeDynamics());
    }
}
