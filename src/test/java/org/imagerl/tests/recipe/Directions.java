package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Directions in the space of the trained tensors, by name of the tensor. */
final class Directions {
    private Directions() {}

    /** The gradient's own direction of length 1, and the weight with the largest gradient of each of the first tensors. */
    static List<Map<String, float[]>> worthChecking(Map<String, float[]> gradients) {
        List<Map<String, float[]>> directions = new ArrayList<>();
        double norm = norm(gradients);
        Map<String, float[]> own = new TreeMap<>();
        gradients.forEach((name, values) -> {
            float[] scaled = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                scaled[i] = (float) (values[i] / norm);
            }
            own.put(name, scaled);
        });
        directions.add(own);
        gradients.entrySet().stream()
                .sorted((a, b) -> Float.compare(largest(b.getValue()), largest(a.getValue())))
                .limit(3)
                .forEach(entry -> directions.add(Map.of(entry.getKey(), unit(entry.getValue()))));
        return directions;
    }

    /**
     * Fails unless a measured slope is the gradient's: to half a percent, and the rounding of float32 forward passes that the whole
     * gradient has.
     */
    static void requireSlope(
            String what, double slope, Map<String, float[]> gradients, Map<String, float[]> direction) {
        double expected = dot(gradients, direction);
        assertThat(slope)
                .as("%s along %s", what, direction.size() == 1 ? direction.keySet() : "the gradient")
                .isCloseTo(expected, within(0.005 * Math.abs(expected) + 0.002 * norm(gradients)));
    }

    /** Sum of products over the tensors that the direction has. */
    static double dot(Map<String, float[]> gradients, Map<String, float[]> direction) {
        double sum = 0;
        for (Map.Entry<String, float[]> entry : direction.entrySet()) {
            float[] gradient = gradients.get(entry.getKey());
            for (int i = 0; i < gradient.length; i++) {
                sum += (double) gradient[i] * entry.getValue()[i];
            }
        }
        return sum;
    }

    /** Length of all tensors as one vector. */
    static double norm(Map<String, float[]> tensors) {
        return Math.sqrt(dot(tensors, tensors));
    }

    private static float largest(float[] values) {
        return Math.abs(values[at(values)]);
    }

    private static float[] unit(float[] values) {
        float[] unit = new float[values.length];
        unit[at(values)] = 1;
        return unit;
    }

    private static int at(float[] values) {
        int at = 0;
        for (int i = 1; i < values.length; i++) {
            at = Math.abs(values[i]) > Math.abs(values[at]) ? i : at;
        }
        return at;
    }
}
