package org.imagerl.training.djl;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import java.nio.charset.StandardCharsets;
import org.imagerl.spi.RgbImage;
import org.imagerl.toolkit.tensor.ImageTensors;

/**
 * A prompt to the inputs of the block, its output to an image. Thread-safe.
 *
 * @param seed of the noise that the image is made from
 */
public record TextToImageTranslator(long seed) implements NoBatchifyTranslator<String, Image> {
    private static final int OPAQUE = 0xff000000;

    @Override
    public NDList processInput(TranslatorContext context, String prompt) {
        NDManager manager = context.getNDManager();
        String[] prompts = {prompt};
        return new NDList(
                manager.create(prompts, StandardCharsets.UTF_8, new Shape(1)), manager.create(new long[] {seed}));
    }

    @Override
    public Image processOutput(TranslatorContext context, NDList images) {
        RgbImage image = ImageTensors.fromTensor(images.singletonOrThrow()).get(0);
        int[] pixels = new int[image.width() * image.height()];
        byte[] rgb = image.rgb();
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = OPAQUE | (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | (rgb[3 * i + 2] & 0xff);
        }
        return ImageFactory.getInstance().fromPixels(pixels, image.width(), image.height());
    }
}
