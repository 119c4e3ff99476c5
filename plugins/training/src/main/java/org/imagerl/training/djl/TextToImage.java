package org.imagerl.training.djl;

import ai.djl.modality.cv.Image;
import ai.djl.repository.zoo.Criteria;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.config.registry.CheckpointPath;

/**
 * A checkpoint folder of any family that a plugin on the class path brings, with an optional LoRA, as a DJL model from prompts to images:
 *
 * <pre>
 * Criteria&lt;String, Image&gt; criteria = TextToImage.criteria(Path.of("stable-diffusion-v1-5"))
 *         .optArgument("lora", "pytorch_lora_weights.safetensors")
 *         .optArgument("steps", 20)
 *         .build();
 * try (ZooModel&lt;String, Image&gt; model = criteria.loadModel();
 *         Predictor&lt;String, Image&gt; predictor = model.newPredictor()) {
 *     Image image = predictor.predict("a photo of a cat");
 * }
 * </pre>
 *
 * <p>Arguments, all optional: {@code lora} (file or PEFT folder of any known layout), {@code lora_scale} (1), {@code dtype}
 * (float32 or float16), {@code steps} (50), {@code guidance} (5; 1 is none, as models that are distilled from guidance need it),
 * {@code negative_prompt} (empty), {@code eta} (noise of DDIM's steps, for diffusion checkpoints alone; 0 to 1; 0), {@code seed} (0),
 * {@code width} and {@code height} in pixels (as the checkpoint was trained). An unknown one is an error. A prompt gives the same image
 * every time; for others, {@code model.newPredictor(new TextToImageTranslator(seed))}.
 *
 * <p>{@code predict} may be called from several threads; images are made one at a time. Closing the model frees the checkpoint.
 */
public final class TextToImage {
    private TextToImage() {}

    /**
     * Criteria to be completed with arguments and, if wanted, {@code optDevice}. What cannot be loaded is refused by {@code loadModel}, with the
     * reason.
     *
     * @param checkpoint a folder, or a single file
     * @throws org.imagerl.spi.UserException if there is neither
     */
    public static Criteria.Builder<String, Image> criteria(Path checkpoint) {
        CheckpointPath.requireExisting(checkpoint); // DJL would not say what is wrong
        // DJL takes the folder of a file for the model's, and unpacks archives.
        Path folder = checkpoint.toAbsolutePath().getParent();
        boolean file = folder != null && Files.isRegularFile(checkpoint);
        return Criteria.builder()
                .setTypes(String.class, Image.class)
                .optModelPath(file ? folder : checkpoint)
                .optArgument(Arguments.CHECKPOINT, checkpoint.toString())
                .optEngine("PyTorch")
                .optArgument("blockFactory", new TextToImageBlockFactory())
                .optTranslatorFactory(new TextToImageTranslatorFactory())
                // The block brings its weights: there is no .params file to look for.
                .optOption("hasParameter", "false");
    }
}
