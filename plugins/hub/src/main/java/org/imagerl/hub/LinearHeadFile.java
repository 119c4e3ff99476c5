package org.imagerl.hub;

import java.nio.file.Path;
import java.util.List;

/**
 * An affine function of an embedding in a file of its own, {@code {"weights": [...], "bias": 0.1}}.
 *
 * @param weights one for each number of an embedding
 */
public record LinearHeadFile(float[] weights, float bias) {

    /**
     * Reads a file.
     *
     * @throws org.imagerl.spi.UserException naming the key whose value is not understood
     */
    public static LinearHeadFile read(Path file) {
        ConfigFile json = ConfigFile.read(file);
        List<Double> weights = json.optionalNumbers("weights")
                .orElseThrow(
                        () -> json.refusal("weights", "expected a list of numbers, one per value of the embedding"));
        float[] floats = new float[weights.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = weights.get(i).floatValue();
        }
        return new LinearHeadFile(floats, (float) json.number("bias", 0));
    }
}
