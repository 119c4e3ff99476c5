package org.imagerl.samples;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.reward.Rewards;
import org.imagerl.toolkit.sampling.ImageSampler;
import org.imagerl.training.config.RunBuilder;
import org.imagerl.training.loop.Training;

/** Loads a checkpoint, samples, scores, and trains it with DDPO: {@code LibraryExample CHECKPOINT PROMPTS.txt RUNS}. */
public final class LibraryExample {
    private LibraryExample() {}

    public static void main(String[] arguments) {
        Path checkpoint = Path.of(arguments[0]).toAbsolutePath();
        Path prompts = Path.of(arguments[1]).toAbsolutePath();
        Registry registry = Registry.load(List.of()).with(Rewards.of("redness", LibraryExample::redness));
        Context context = new Context(Path.of(""), "auto", 1, System.err::println);
        Prompt cat = Prompt.of("cat", "a photo of the cat");

        try (Pipeline pipeline = registry.pipeline(checkpoint)
                        .open(checkpoint, new PipelineFactory.Options("float32", false, context));
                Reward reward = BoundPart.of(registry.factory(Kind.REWARD, "jpeg-compressibility"))
                        .create(context)) {
            Dynamics ddim =
                    BoundPart.of(registry.factory(Kind.DYNAMICS, "ddim")).create(context);
            ImageSize size = pipeline.defaultSize();
            ImageSampler sampler =
                    new ImageSampler(pipeline, ddim, new ImageSampler.Settings(20, 5, "", size.width(), size.height()));
            List<RgbImage> images = sampler.images(List.of(cat, cat), 1, 2);
            System.out.println("two cats: " + reward.score(images, List.of(cat, cat)));
        }

        var config = new RunBuilder(registry, "example")
                .checkpoint(checkpoint)
                .prompts(prompts)
                .runs(Path.of(arguments[2]))
                .algorithm("ddpo")
                .reward("jpeg-compressibility")
                .reward("redness")
                .epochs(2)
                .rollouts(2, 4)
                .sampling(5, 1)
                .updates(2, 4)
                .build();
        var result = Training.start(
                config, registry, List.of(arguments), (stage, done, total, detail) -> {}, System.err::println);
        System.out.println("the LoRA file is " + result.export());
    }

    /** Mean of red less that of green and blue, -1 to 1. */
    private static double redness(RgbImage image) {
        double sum = 0;
        for (int i = 0; i < image.rgb().length; i++) {
            sum += (i % 3 == 0 ? 1 : -0.5) * (image.rgb()[i] & 0xff) / 255;
        }
        return 3 * sum / image.rgb().length;
    }
}
