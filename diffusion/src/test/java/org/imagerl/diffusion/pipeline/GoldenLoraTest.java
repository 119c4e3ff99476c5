package org.imagerl.diffusion.pipeline;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.latent.testing.LoraCheck;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** LoRA files of every layout on pipelines/sd-tiny give what diffusers and PEFT give. */
class GoldenLoraTest {
    @TempDir
    Path scratch;

    @TestFactory
    Stream<DynamicTest> everyLayoutGivesTheSameOutput() throws IOException {
        return LoraCheck.tests("sample", List.of(StableDiffusion.FAMILY), scratch);
    }
}
