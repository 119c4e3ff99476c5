package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.rewards.work.Workers;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.jspecify.annotations.Nullable;

/**
 * How much an image adds to the variety of its group: the mean of {@code 1 - cos} between its embedding and those of the others. The
 * mean over a group is the mean pairwise distance of the set. Against collapse, beside a reward of quality.
 */
final class DiversityReward implements Reward {
    private final Embedder embedder;
    private final Workers workers;

    /** Takes over both. */
    DiversityReward(Embedder embedder, Workers workers) {
        this.embedder = embedder;
        this.workers = workers;
    }

    /** An embedding, or why there is none. */
    private record Embedding(float @Nullable [] vector, String error) {}

    @Override
    public Spec spec() {
        return new Spec(Scope.GROUPWISE, 0, 2, true, "mean 1 - cosine to the others");
    }

    @Override
    public List<Path> files() {
        return embedder.files();
    }

    @Override
    public Map<String, String> facts() {
        return embedder.facts();
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        List<Embedding> embeddings = workers.map(images.size(), i -> embedding(images.get(i)));
        List<Score> scores = new ArrayList<>();
        for (int i = 0; i < embeddings.size(); i++) {
            float[] vector = embeddings.get(i).vector;
            scores.add(vector == null ? Score.failed(embeddings.get(i).error) : distance(i, vector, embeddings));
        }
        return scores;
    }

    private static Score distance(int own, float[] vector, List<Embedding> all) {
        double sum = 0;
        int others = 0;
        for (int i = 0; i < all.size(); i++) {
            float[] otherVector = all.get(i).vector;
            if (i != own && otherVector != null) {
                sum += 1 - Embeddings.cosine(vector, otherVector);
                others++;
            }
        }
        return others == 0
                ? Score.failed("an image alone has no diversity: sample at least two per prompt")
                : Score.of(sum / others);
    }

    private Embedding embedding(RgbImage image) {
        try {
            return new Embedding(embedder.embed(image), "");
        } catch (OrtException e) {
            return new Embedding(null, "ONNX Runtime failed: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        workers.close();
        embedder.close();
    }
}
