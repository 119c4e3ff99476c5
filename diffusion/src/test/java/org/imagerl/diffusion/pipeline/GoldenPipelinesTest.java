package org.imagerl.diffusion.pipeline;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.diffusion.testing.GoldenFolder;
import org.imagerl.diffusion.testing.PipelineCheck;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Prompt to picture against diffusers: every checkpoint of golden/pipelines that is a Stable Diffusion one. */
class GoldenPipelinesTest {

    @TestFactory
    Stream<DynamicTest> picturesEqualDiffusers() throws IOException {
        return GoldenFolder.tests(
                "pipelines/*/case.json",
                file -> Stream.of(
                        dynamicTest(String.valueOf(file.getParent().getFileName()), () -> check(file.getParent()))));
    }

    private static void check(Path folder) throws IOException {
        StableDiffusionFactory factory = new StableDiffusionFactory();
        Assumptions.assumeTrue(factory.recognises(folder), folder + " is not of this module");
        PipelineCheck.check(
                folder,
                factory,
                call -> new DdimDynamics(new DdimDynamics.Config(call.get("eta").asDouble())));
    }
}
