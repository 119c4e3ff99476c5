package org.imagerl.rewards.model;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.UserException;

/**
 * A linear function of an embedding, divided by its length first: {@code weights . e / |e| + bias}. From a JSON file
 * {@code {"weights": [...], "bias": 0.1}}.
 */
record LinearHead(Path file, float[] weights, float bias) implements ImageScorer.Head {

    static LinearHead read(Path file) {
        ConfigFile json = ConfigFile.read(file);
        List<Double> weights = json.optionalNumbers("weights")
                .orElseThrow(
                        () -> json.refusal("weights", "expected a list of numbers, one per value of the embedding"));
        float[] floats = new float[weights.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = weights.get(i).floatValue();
        }
        return new LinearHead(file, floats, (float) json.number("bias", 0));
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
