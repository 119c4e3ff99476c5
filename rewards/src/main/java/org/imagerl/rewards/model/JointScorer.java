package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.rewards.onnx.ModelInput;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.RgbImage;

/**
 * Both towers in one model, as Optimum exports CLIP: images and one prompt in, {@code logits_per_image} [images, prompts] or
 * embeddings out.
 *
 * @param logits the output with logits; empty if the cosine of embeddings is wanted
 * @param imageEmbeds the output with embeddings of images
 * @param textEmbeds the output with embeddings of texts
 * @param reduction the activation of a logit
 */
record JointScorer(
        OnnxSession session,
        ImageInput image,
        TextInput text,
        String logits,
        String imageEmbeds,
        String textEmbeds,
        Reduction reduction)
        implements Scorer {

    @Override
    public double[] score(List<RgbImage> images, String prompt) throws OrtException {
        int rows = image.rows(images.size());
        int prompts = Math.max(1, text.fixedBatch());
        Map<String, ModelInput> feeds = new HashMap<>(text.feeds(prompt, prompts));
        feeds.put(image.tensor().name(), image.input(images));
        double[] scores = new double[images.size()];
        if (!logits.isEmpty()) {
            Tensor perImage =
                    session.run(feeds, Set.of(logits)).values().iterator().next();
            for (int i = 0; i < scores.length; i++) {
                float[] own = Embeddings.row(logits, perImage, i, rows);
                if (own.length == 0) {
                    throw new OrtException("output " + TensorSpec.shown(logits) + " has no values");
                }
                scores[i] = reduction.apply(new float[] {own[0]}); // every prompt is the same
            }
            return scores;
        }
        Map<String, Tensor> outputs = session.run(feeds, Set.of(imageEmbeds, textEmbeds));
        float[] wanted = Embeddings.row(textEmbeds, tensor(outputs, textEmbeds), 0, prompts);
        for (int i = 0; i < scores.length; i++) {
            scores[i] = Embeddings.cosine(Embeddings.row(imageEmbeds, tensor(outputs, imageEmbeds), i, rows), wanted);
        }
        return scores;
    }

    /** An output that was asked for. */
    static Tensor tensor(Map<String, Tensor> outputs, String name) {
        Tensor tensor = outputs.get(name);
        if (tensor == null) {
            throw new IllegalStateException("the model gave no " + name);
        }
        return tensor;
    }

    @Override
    public boolean readsPrompts() {
        return true;
    }

    @Override
    public int batch() {
        return image.fixedBatch();
    }
}
