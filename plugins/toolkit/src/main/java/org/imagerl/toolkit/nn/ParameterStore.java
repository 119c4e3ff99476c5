package org.imagerl.toolkit.nn;

import ai.djl.ndarray.types.Shape;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.Parameter.Init;

/** The weights of one component ({@code unet}, {@code vae}, {@code text_encoder}), by checkpoint key in declaration order. */
public final class ParameterStore {
    private static final int MAX_WEIGHTS = 20_000;

    private final String component;
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final Map<String, Adaptable> adaptables = new LinkedHashMap<>();

    public ParameterStore(String component) {
        this.component = component;
    }

    /** The component's folder name. */
    public String component() {
        return component;
    }

    /** Where layers are declared. */
    public ParameterScope root() {
        return new ParameterScope(this, "");
    }

    /** All weights. */
    public Collection<Parameter> parameters() {
        return Collections.unmodifiableCollection(parameters.values());
    }

    /** The weights that training may change. */
    public List<Parameter> trainable() {
        return parameters.values().stream().filter(Parameter::trainable).toList();
    }

    /** Declared shapes by key. */
    public Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        parameters.forEach((key, parameter) -> shapes.put(key, parameter.shape()));
        return shapes;
    }

    /** The weight of a key. */
    public Parameter parameter(String key) {
        Parameter parameter = parameters.get(key);
        if (parameter == null) {
            throw new IllegalArgumentException(component + " has no weight " + key);
        }
        return parameter;
    }

    /** The number of all elements of all weights. */
    public long elements() {
        return parameters.values().stream()
                .mapToLong(parameter -> parameter.shape().size())
                .sum();
    }

    /** Frees the tensors of all weights: they are as before they were filled. */
    public void free() {
        parameters.values().forEach(Parameter::free);
    }

    /** The layers that take a low-rank adapter, by module path. */
    public Map<String, Adaptable> adaptables() {
        return Collections.unmodifiableMap(adaptables);
    }

    Parameter declare(String key, Shape shape, Init init) {
        if (parameters.size() == MAX_WEIGHTS) {
            throw UserException.input(component + "/config.json: describes more than " + MAX_WEIGHTS
                    + " weights, ten times as many as any published model has; look at its numbers of layers");
        }
        Parameter parameter = new Parameter(key, shape, init);
        if (parameters.put(key, parameter) != null) {
            throw new IllegalStateException(key + " is declared twice");
        }
        return parameter;
    }

    <T extends Adaptable> T adaptable(String path, T layer) {
        adaptables.put(path, layer);
        return layer;
    }
}
