package org.imagerl.flow.pipeline;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.latent.testing.LayoutCheck;
import org.imagerl.latent.testing.SingleFileCheck;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Layouts of published single files, and single files that are written again. */
class GoldenFlowSingleFilesTest {
    @TempDir
    private Path scratch;

    @TestFactory
    Stream<DynamicTest> everyTensorOfPublishedFilesIsUnderstood() throws IOException {
        return LayoutCheck.tests(List.of(StableDiffusion3.FAMILY, Flux.FAMILY), scratch);
    }

    @TestFactory
    Stream<DynamicTest> whatIsWrittenIsWhatWasRead() throws IOException {
        return SingleFileCheck.tests(List.of(StableDiffusion3.FAMILY, Flux.FAMILY), scratch);
    }
}
