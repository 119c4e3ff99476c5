package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.toolkit.optim.AdamW.Settings;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Scope;

/** Moments in float32, moved by torch's fused kernel. */
final class FloatMoments implements Moments {
    private final Settings settings;
    private final SortedMap<String, NDArray> parameters;
    private final SortedMap<String, NDArray> first = new TreeMap<>();
    private final SortedMap<String, NDArray> second = new TreeMap<>();

    FloatMoments(Settings settings, SortedMap<String, NDArray> parameters, NDManager manager) {
        this.settings = settings;
        this.parameters = parameters;
        parameters.forEach((name, parameter) -> {
            first.put(name, Scope.keep(manager.zeros(parameter.getShape(), DataType.FLOAT32)));
            second.put(name, Scope.keep(manager.zeros(parameter.getShape(), DataType.FLOAT32)));
        });
    }

    @Override
    public void step(List<String> names, Map<String, NDArray> gradients, double learningRate, long steps) {
        List<NDArray> weights = chosen(parameters, names);
        List<NDArray> counters = new ArrayList<>();
        for (NDArray weight : weights) {
            counters.add(weight.getManager().full(new Shape(), (float) steps));
        }
        InPlaceKernels.adamw(
                weights,
                chosen(gradients, names),
                chosen(first, names),
                chosen(second, names),
                counters,
                learningRate,
                settings.beta1(),
                settings.beta2(),
                settings.weightDecay(),
                settings.epsilon());
    }

    private static List<NDArray> chosen(Map<String, NDArray> tensors, List<String> names) {
        return names.stream()
                .map(name -> Objects.requireNonNull(tensors.get(name)))
                .toList();
    }

    @Override
    public Map<String, NDArray> tensors() {
        Map<String, NDArray> moments = new TreeMap<>();
        first.forEach((name, moment) -> moments.put("first." + name, moment));
        second.forEach((name, moment) -> moments.put("second." + name, moment));
        return moments;
    }
}
