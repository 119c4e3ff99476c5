package org.imagerl.rewards.model;

import java.util.Map;
import org.imagerl.hub.preprocess.PreprocessConfig;
import org.jspecify.annotations.Nullable;

/**
 * A frozen ONNX model and which of its outputs is the vector of an image.
 *
 * @param folder with the model, as Hugging Face Optimum exports it
 * @param model its file in the folder; if absent {@code model.onnx}, the image tower {@code vision_model.onnx}, or the only one
 * @param preprocess how images are made into numbers, where {@code preprocessor_config.json} does not say it
 * @param inputs what each input of the model takes, by its name, where that is not plain: {@code image}, {@code text.ids}, ...
 * @param output the vector: an embedding, or the logits of a classifier; if absent {@code image_embeds}, or the only output
 * @param device {@code auto}, {@code cpu} or {@code cuda:N}; {@code auto} if absent, which follows the device of the run
 */
record FeaturesConfig(
        String folder,
        @Nullable String model,
        @Nullable PreprocessConfig preprocess,
        @Nullable Map<String, String> inputs,
        @Nullable String output,
        @Nullable String device) {

    /** The folder is required. */
    @SuppressWarnings("NullAway") // what has no default
    static FeaturesConfig defaults() {
        return new FeaturesConfig(null, null, null, null, null, null);
    }

    /** As a model folder is described that rewards are made from. */
    OnnxConfig asModel() {
        OnnxConfig.Files files = model == null ? null : new OnnxConfig.Files(model, null, null, null);
        OnnxConfig.Output read =
                output == null ? null : new OnnxConfig.Output(null, null, output, null, null, null, null, null, null);
        return OnnxConfig.bare(folder, files, preprocess, inputs, read, device);
    }
}
