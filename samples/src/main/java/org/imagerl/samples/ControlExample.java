package org.imagerl.samples;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.ctrl.control.ControlAugmentation;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.sampling.ImageSampler;

/** An image of a class of a control that was trained: {@code ControlExample CHECKPOINT RUN CONTROL CLASS IMAGE.png}. */
public final class ControlExample {
    private ControlExample() {}

    public static void main(String[] arguments) {
        Path checkpoint = Path.of(arguments[0]);
        Registry registry = Registry.load(List.of());
        Context context = new Context(Path.of(""), "auto", 1, System.err::println);
        Dynamics ddim = BoundPart.of(registry.factory(Kind.DYNAMICS, "ddim")).create(context);
        ControlAugmentation control = ControlAugmentation.of(Path.of(arguments[1]));
        Prompt asked = control.ask(Prompt.of("cat", "the cat"), Map.of(arguments[2], arguments[3]));
        Pipeline base =
                registry.pipeline(checkpoint).open(checkpoint, new PipelineFactory.Options("float32", false, context));
        try (Pipeline pipeline = control.augment(base)) {
            ImageSize size = pipeline.defaultSize();
            var settings = new ImageSampler.Settings(2, 2, "", size.width(), size.height());
            var image = new ImageSampler(pipeline, ddim, settings).images(List.of(asked), 0);
            PngWriter.write(Path.of(arguments[4]), image.get(0), Map.of());
        }
    }
}
