package org.imagerl.ctrl;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Context;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.TuningSpec;

/** The smallest things that are real. */
public final class Tiny {
    private Tiny() {}

    /** A whole Stable Diffusion checkpoint with random weights: images of 32 x 32. */
    public static Pipeline checkpoint() {
        return checkpoint(false);
    }

    /** The same, whose networks may be computed again in the backward pass. */
    public static Pipeline checkpoint(boolean checkpointing) {
        Path folder = Path.of(System.getProperty("project.root"), "src/test/resources/golden/pipelines/sd-small");
        return StableDiffusion.FAMILY.open(
                folder, new PipelineFactory.Options("float32", checkpointing, context(Path.of("."))));
    }

    public static Context context(Path folder) {
        return new Context(folder, "cpu", 1, line -> {});
    }

    public static TuningSpec lora() {
        return new TuningSpec.Lora(List.of(), 2, 2, List.of(), TuningSpec.Lora.Init.GAUSSIAN);
    }

    /** An image of noise whose mean is a grey level, 0..255. */
    public static RgbImage image(int width, int height, int level, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.max(0, Math.min(255, level + random.nextInt(-40, 41)));
        }
        return new RgbImage(width, height, rgb);
    }

    /** Writes one as a PNG file. */
    public static void write(Path file, int width, int height, int level, long seed) {
        PngWriter.write(file, image(width, height, level, seed), Map.of());
    }
}
