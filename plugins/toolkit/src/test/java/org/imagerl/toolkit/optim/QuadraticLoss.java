package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** The loss {@code sum h / 2 x^2} of two weights, whose gradient is {@code h x}. */
final class QuadraticLoss {
    /** h, by weight. */
    static final Map<String, float[]> CURVATURES = Map.of("a", new float[] {1, 3, 0.25f}, "b", new float[] {2, 0.5f});

    final NDManager manager = NDManager.newBaseManager();
    final SortedMap<String, NDArray> parameters = new TreeMap<>();

    QuadraticLoss() {
        parameters.put("a", manager.create(new float[] {1, -2, 4}));
        parameters.put("b", manager.create(new float[] {0.5f, 3}));
        parameters.values().forEach(parameter -> parameter.setRequiresGradient(true));
    }

    void differentiate() {
        differentiate(1);
    }

    /** The gradient times a factor. */
    void differentiate(float factor) {
        parameters.forEach((name, x) -> Scope.run(() -> Gradients.record(recording -> {
            NDArray gradient = manager.create(CURVATURES.get(name)).mul(Kernels.scale(x.stopGradient(), factor));
            recording.backward(Kernels.scale(x, 1), gradient);
            return gradient;
        })));
    }

    static Map<String, float[]> values(Map<String, NDArray> tensors) {
        Map<String, float[]> values = new TreeMap<>();
        tensors.forEach((name, tensor) -> values.put(name, tensor.toFloatArray()));
        return values;
    }

    static double distance(Map<String, float[]> one, Map<String, float[]> other) {
        double sum = 0;
        for (Map.Entry<String, float[]> entry : one.entrySet()) {
            float[] b = Objects.requireNonNull(other.get(entry.getKey()));
            for (int i = 0; i < b.length; i++) {
                sum += Math.pow((double) entry.getValue()[i] - b[i], 2);
            }
        }
        return Math.sqrt(sum);
    }
}
