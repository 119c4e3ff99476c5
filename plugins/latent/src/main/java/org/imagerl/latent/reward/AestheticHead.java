package org.imagerl.latent.reward;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.hub.LinearHeadFile;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.safetensors.SafetensorsFile;

/**
 * Computes a score from an embedding of length 1: {@code weights . embedding + bias}. The published network of LAION's
 * aesthetic predictor has five linear layers with nothing between them, {@code layers.0} to {@code layers.7}, which are
 * one affine function.
 *
 * @param file that it was read from
 * @param weights one for each number of an embedding
 */
record AestheticHead(Path file, float[] weights, float bias) {
    private static final Pattern LAYER = Pattern.compile("layers\\.(\\d{1,3})\\.(weight|bias)");

    /**
     * Reads {@code head.safetensors} with those layers, or {@code head.json}, {@code {"weights": [...], "bias": 0.1}}.
     *
     * @param width numbers of an embedding
     * @throws UserException if there is neither, or one of another width
     */
    static AestheticHead read(Path folder, int width) {
        Path layers = folder.resolve("head.safetensors");
        Path json = folder.resolve("head.json");
        AestheticHead head;
        if (Files.isRegularFile(layers)) {
            head = folded(layers);
        } else if (Files.isRegularFile(json)) {
            head = read(json);
        } else {
            throw UserException.input(folder + ": has neither head.safetensors nor head.json, which make an aesthetic"
                    + " score of an embedding; put the head of the predictor there");
        }
        if (head.weights.length != width) {
            throw UserException.input(head.file + ": takes embeddings of " + head.weights.length
                    + " numbers, but those of the model beside it have " + width + "; take the head of this model");
        }
        return head;
    }

    private static AestheticHead read(Path file) {
        LinearHeadFile head = LinearHeadFile.read(file);
        return new AestheticHead(file, head.weights(), head.bias());
    }

    /** All layers as one, from the last to the first. */
    private static AestheticHead folded(Path path) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            SortedMap<Integer, float[]> weights = new TreeMap<>();
            SortedMap<Integer, float[]> biases = new TreeMap<>();
            for (String name : file.names()) {
                Matcher layer = LAYER.matcher(name);
                if (!layer.matches()) {
                    throw refusal(path, "has a tensor that is no layers.N.weight and no layers.N.bias");
                }
                (layer.group(2).equals("weight") ? weights : biases)
                        .put(Integer.parseInt(layer.group(1)), file.floats(name));
            }
            if (weights.isEmpty() || !weights.keySet().equals(biases.keySet())) {
                throw refusal(path, "does not have a weight and a bias for each layer");
            }
            return folded(path, weights, biases);
        }
    }

    private static AestheticHead folded(
            Path path, SortedMap<Integer, float[]> weights, SortedMap<Integer, float[]> biases) {
        double[] row = {1};
        double bias = 0;
        SortedMap<Integer, float[]> reversed = new TreeMap<>((a, b) -> b - a);
        reversed.putAll(weights);
        for (var layer : reversed.entrySet()) {
            float[] own = biases.getOrDefault(layer.getKey(), new float[0]);
            float[] weight = layer.getValue();
            if (own.length != row.length || weight.length % row.length != 0) {
                throw refusal(
                        path, "has layers whose sizes do not fit each other, or a last one with more than 1 output");
            }
            int in = weight.length / row.length;
            double[] before = new double[in];
            for (int o = 0; o < row.length; o++) {
                bias += row[o] * own[o];
                for (int i = 0; i < in; i++) {
                    before[i] += row[o] * weight[o * in + i];
                }
            }
            row = before;
        }
        float[] floats = new float[row.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) row[i];
        }
        return new AestheticHead(path, floats, (float) bias);
    }

    private static UserException refusal(Path path, String what) {
        return UserException.input(path + ": " + what
                + "; expected the linear layers of an aesthetic predictor without activations between them");
    }
}
