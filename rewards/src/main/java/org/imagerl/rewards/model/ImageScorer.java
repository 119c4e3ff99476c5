package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.spi.RgbImage;

/** A model that looks at images alone, and perhaps a head that makes a score of its embedding. */
record ImageScorer(OnnxSession session, ImageInput image, String output, Head head, Reduction reduction, int batch)
        implements Scorer {

    /** Makes values of the values of an image. */
    interface Head {
        float[] apply(float[] values) throws OrtException;

        /** None: the values as they are. */
        Head NONE = values -> values;
    }

    @Override
    public double[] score(List<RgbImage> images, String prompt) throws OrtException {
        Tensor values = session.run(Map.of(image.tensor().name(), image.input(images)), Set.of(output))
                .values()
                .iterator()
                .next();
        double[] scores = new double[images.size()];
        for (int i = 0; i < scores.length; i++) {
            float[] own = head.apply(Embeddings.row(output, values, i, image.rows(images.size())));
            reduction.check(output, own.length);
            scores[i] = reduction.apply(own);
        }
        return scores;
    }

    @Override
    public boolean readsPrompts() {
        return false;
    }
}
