package org.imagerl.flow.pipeline;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.imagerl.diffusion.testing.GoldenFolder;
import org.imagerl.diffusion.testing.PipelineCheck;
import org.imagerl.flow.dynamics.OdeDynamics;
import org.imagerl.spi.PipelineFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Prompt to picture against diffusers: every checkpoint of golden/pipelines that is of this module's families. */
class GoldenFlowPipelinesTest {
    private static final List<PipelineFactory> FAMILIES = List.of(new StableDiffusion3Factory(), new FluxFactory());

    @TestFactory
    Stream<DynamicTest> picturesEqualDiffusers() throws IOException {
        return GoldenFolder.tests(
                "pipelines/*/case.json",
                file -> Stream.of(
                        dynamicTest(String.valueOf(file.getParent().getFileName()), () -> check(file.getParent()))));
    }

    private static void check(Path folder) throws IOException {
        Optional<PipelineFactory> family =
                FAMILIES.stream().filter(factory -> factory.recognises(folder)).findFirst();
        Assumptions.assumeTrue(family.isPresent(), folder + " is not of this module");
        PipelineCheck.check(folder, family.orElseThrow(), call -> new OdeDynamics());
    }
}
