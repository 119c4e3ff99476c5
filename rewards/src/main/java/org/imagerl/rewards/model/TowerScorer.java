package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.spi.RgbImage;

/**
 * Two models, one for images and one for prompts, whose embeddings are compared by their cosine. Prompts are embedded once: groups
 * share theirs, and epochs come back to the same ones.
 */
final class TowerScorer implements Scorer {
    private static final int REMEMBERED_PROMPTS = 4096;

    private final OnnxSession vision;
    private final ImageInput image;
    private final String imageEmbeds;
    private final OnnxSession language;
    private final TextInput text;
    private final String textEmbeds;
    private final Map<String, float[]> prompts = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, float[]> eldest) {
            return size() > REMEMBERED_PROMPTS;
        }
    });

    TowerScorer(
            OnnxSession vision,
            ImageInput image,
            String imageEmbeds,
            OnnxSession language,
            TextInput text,
            String textEmbeds) {
        this.vision = vision;
        this.image = image;
        this.imageEmbeds = imageEmbeds;
        this.language = language;
        this.text = text;
        this.textEmbeds = textEmbeds;
    }

    @Override
    public double[] score(List<RgbImage> images, String prompt) throws OrtException {
        float[] wanted = embedding(prompt);
        var embeddings = vision.run(Map.of(image.tensor().name(), image.input(images)), Set.of(imageEmbeds))
                .values()
                .iterator()
                .next();
        double[] scores = new double[images.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] =
                    Embeddings.cosine(Embeddings.row(imageEmbeds, embeddings, i, image.rows(images.size())), wanted);
        }
        return scores;
    }

    private float[] embedding(String prompt) throws OrtException {
        float[] known = prompts.get(prompt);
        if (known != null) {
            return known;
        }
        int copies = Math.max(1, text.fixedBatch());
        var rows = language.run(text.feeds(prompt, copies), Set.of(textEmbeds));
        float[] embedding = Embeddings.row(textEmbeds, rows.values().iterator().next(), 0, copies);
        prompts.put(prompt, embedding);
        return embedding;
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
