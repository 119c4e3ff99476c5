package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.rewards.onnx.ModelInput;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.spi.RgbImage;

/**
 * Makes vectors of images.
 *
 * @param folder of the model
 * @param others what else the model must be given: an empty prompt, if it has both towers
 * @param output the embeddings
 * @param files that were read
 * @param facts what was resolved
 * @param opened what is closed with this
 */
record Embedder(
        Path folder,
        OnnxSession session,
        ImageInput image,
        Map<String, ModelInput> others,
        String output,
        List<Path> files,
        Map<String, String> facts,
        List<AutoCloseable> opened)
        implements AutoCloseable {

    /** The embedding of an image. */
    float[] embed(RgbImage seen) throws OrtException {
        Map<String, ModelInput> feeds = new HashMap<>(others);
        feeds.put(image.tensor().name(), image.input(List.of(seen)));
        return Embeddings.row(
                output, session.run(feeds, Set.of(output)).values().iterator().next(), 0, image.rows(1));
    }

    @Override
    public void close() {
        ModelPlan.closeAll(opened);
    }
}
