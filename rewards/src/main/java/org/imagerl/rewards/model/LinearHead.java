package org.imagerl.rewards.model;

import java.nio.file.Path;
import org.imagerl.hub.LinearHeadFile;
import org.imagerl.spi.UserException;

/**
 * A linear function of an embedding, divided by its length first: {@code weights . e / |e| + bias}. From a JSON file
 * {@code {"weights": [...], "bias": 0.1}}.
 */
record LinearHead(Path file, float[] weights, float bias) implements ImageScorer.Head {

    static LinearHead read(Path file) {
        LinearHeadFile head = LinearHeadFile.read(file);
        return new LinearHead(file, head.weights(), head.bias());
    }

    @Override
    public float[] apply(float[] embedding) {
        if (embedding.length != weights.length) {
            throw UserException.input(file + ": has " + weights.length + " weights, but the model's embedding has "
                    + embedding.length + " values");
        }
        float[] unit = Embeddings.unit(embedding);
        double sum = bias;
        for (int i = 0; i < unit.length; i++) {
            sum += (double) weights[i] * unit[i];
        }
        return new float[] {(float) sum};
    }
}
