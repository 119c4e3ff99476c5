package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.work.Workers;
import org.jspecify.annotations.Nullable;

/** The worth of an image to the set of its group, by the similarity of their embeddings. */
final class SetReward implements Reward {
    private final Embedder embedder;
    private final Workers workers;
    private final Spec spec;
    private final Worth worth;

    /** Says what each image of a set is worth. */
    interface Worth {
        /** @param cosines of all pairs of at least two embeddings, symmetric, 1 on the diagonal */
        double[] of(double[][] cosines);
    }

    /** Takes over embedder and workers. */
    SetReward(Embedder embedder, Workers workers, Spec spec, Worth worth) {
        this.embedder = embedder;
        this.workers = workers;
        this.spec = spec;
        this.worth = worth;
    }

    /** An embedding, or why there is none. */
    private record Embedding(float @Nullable [] vector, String error) {}

    @Override
    public Spec spec() {
        return spec;
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
        int[] known = IntStream.range(0, embeddings.size())
                .filter(i -> embeddings.get(i).vector != null)
                .toArray();
        List<Score> scores = new ArrayList<>(embeddings.stream()
                .map(embedding -> Score.failed(
                        embedding.vector == null
                                ? embedding.error
                                : "an image alone has no diversity: sample at least two per prompt"))
                .toList());
        if (known.length > 1) {
            double[] worths = worth.of(cosines(embeddings, known));
            for (int k = 0; k < known.length; k++) {
                scores.set(known[k], Score.of(worths[k]));
            }
        }
        return scores;
    }

    private static double[][] cosines(List<Embedding> embeddings, int... known) {
        double[][] cosines = new double[known.length][known.length];
        for (int i = 0; i < known.length; i++) {
            for (int j = 0; j <= i; j++) {
                float[] a = embeddings.get(known[i]).vector;
                float[] b = embeddings.get(known[j]).vector;
                if (a != null && b != null) { // which they are not
                    cosines[i][j] = Embeddings.cosine(a, b);
                    cosines[j][i] = cosines[i][j];
                }
            }
        }
        return cosines;
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
