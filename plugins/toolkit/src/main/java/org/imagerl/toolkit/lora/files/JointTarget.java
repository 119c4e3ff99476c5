package org.imagerl.toolkit.lora.files;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.lora.files.JointNames.Place;

/**
 * A layer of a transformer's own code, and the layers of diffusers that it consists of: one, or queries, keys, values
 * and more side by side.
 *
 * @param place its name and the widths of its parts
 * @param paths the parts by their index; those that the model does not have are absent
 */
record JointTarget(Place place, SortedMap<Integer, String> paths) {

    /**
     * The adapters of diffusers' layers that one adapter stands for.
     *
     * @param name as the file writes it, for messages
     * @return path to pair
     * @throws UserException if it does not have the shape of the layer
     */
    Map<String, LoraPair> split(String where, String name, LoraPair pair) {
        Map<String, LoraPair> pairs = new TreeMap<>();
        if (place.widths().isEmpty()) {
            paths.values().forEach(path -> pairs.put(path, inOrder(place, pair)));
            return pairs;
        }
        LoraPair matrices = matrices(where, name, pair);
        int[] outputs = outputs(place, matrices);
        int sum = Arrays.stream(outputs).sum();
        if (matrices.upShape().get(0) != sum) {
            throw UserException.input(where + ": " + Quote.of(name) + " has "
                    + matrices.upShape().get(0) + " outputs, the layer " + Quote.of(place.layer()) + " has " + sum
                    + "; name the checkpoint that the adapter was trained on");
        }
        FusedPairs.split(matrices, outputs).forEach((part, own) -> {
            String path = paths.get(part);
            if (path != null) {
                pairs.put(path, own);
            }
        });
        return pairs;
    }

    /** Outputs of each part. */
    static int[] outputs(Place place, LoraPair pair) {
        long in = pair.downShape().get(1);
        return place.widths().stream()
                .mapToInt(width -> Math.toIntExact(width * in))
                .toArray();
    }

    /** The pair with its outputs in the other code's order. */
    static LoraPair inOrder(Place place, LoraPair pair) {
        Shape weight = pair.weightShape();
        return place.halvesSwapped(weight.get(1), weight.get(0)) ? FusedPairs.halvesSwapped(pair) : pair;
    }

    /** Some tools keep matrices as 1 x 1 convolutions. */
    static LoraPair matrices(String where, String name, LoraPair pair) {
        Shape weight = pair.weightShape();
        if (weight.dimension() == 4 && (weight.get(2) != 1 || weight.get(3) != 1)) {
            throw UserException.input(
                    where + ": " + Quote.of(name) + " is for a convolution of " + weight + ", but the layer is linear");
        }
        return weight.dimension() == 2 ? pair : pair.reshaped(2);
    }
}
