package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.rewards.onnx.ModelInput;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.spi.RgbImage;

/** A model that looks at an image and its prompt together: as many prompts as images in, a value per pair out. */
record PairScorer(OnnxSession session, ImageInput image, TextInput text, String output, Reduction reduction, int batch)
        implements Scorer {

    @Override
    public double[] score(List<RgbImage> images, String prompt) throws OrtException {
        int rows = image.rows(images.size());
        Map<String, ModelInput> feeds = new HashMap<>(text.feeds(prompt, rows));
        feeds.put(image.tensor().name(), image.input(images));
        Tensor values = session.run(feeds, Set.of(output)).values().iterator().next();
        double[] scores = new double[images.size()];
        for (int i = 0; i < scores.length; i++) {
            float[] own = Embeddings.row(output, values, i, rows);
            reduction.check(output, own.length);
            scores[i] = reduction.apply(own);
        }
        return scores;
    }

    @Override
    public boolean readsPrompts() {
        return true;
    }
}
