package org.imagerl.tests;

import java.nio.file.Path;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.flow.pipeline.Flux;
import org.imagerl.flow.pipeline.StableDiffusion3;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.testkit.PipelineContract;
import org.junit.jupiter.api.Nested;

/** What every family must do, on tiny checkpoints. */
class PipelinesTest {

    abstract static class OnTinyCheckpoint extends PipelineContract {
        private final PipelineFactory family;
        private final String name;

        OnTinyCheckpoint(PipelineFactory family, String name) {
            this.family = family;
            this.name = name;
        }

        @Override
        protected PipelineFactory family() {
            return family;
        }

        @Override
        protected Path checkpoint() {
            return Paths.golden().resolve("pipelines").resolve(name);
        }

        @Override
        protected PipelineFactory.Options options() {
            Context context = new Context(Path.of("."), "cpu", 1, line -> {});
            return new PipelineFactory.Options("float32", false, context);
        }
    }

    @Nested
    class Sdxl extends OnTinyCheckpoint {
        Sdxl() {
            super(StableDiffusion.FAMILY, "sdxl-tiny");
        }
    }

    @Nested
    class Sd3 extends OnTinyCheckpoint {
        Sd3() {
            super(StableDiffusion3.FAMILY, "sd3-tiny");
        }
    }

    @Nested
    class Flux1 extends OnTinyCheckpoint {
        Flux1() {
            super(Flux.FAMILY, "flux-tiny");
        }

        /** Its own size is 64 times as many tokens. */
        @Override
        protected ImageSize size() {
            return new ImageSize(32, 32);
        }
    }
}
