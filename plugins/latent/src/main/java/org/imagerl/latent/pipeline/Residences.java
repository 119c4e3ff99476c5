package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.imagerl.toolkit.nn.Parameter;

/** The residences of a checkpoint's networks, by component. */
final class Residences {
    private final Map<String, Residence> residences = new TreeMap<>();
    private final Map<String, Weights> declared = new TreeMap<>();

    void add(Residence residence) {
        residences.put(residence.network().component(), residence);
    }

    /** Remembers the weights of a network of which the headers alone were looked at. */
    void declare(Weights weights) {
        declared.put(weights.network().component(), weights);
    }

    /** Runs the body while the weights of all networks that were declared stay in their files. */
    void lendAll(OpenCheckpoint folder, Map<Parameter, UnaryOperator<NDArray>> changes, Runnable body) {
        Runnable inner = body;
        for (Weights weights : declared.values()) {
            Runnable outer = inner;
            inner = () -> weights.lend(folder, changes, outer);
        }
        inner.run();
    }

    /** Loads a component for good, because it is about to be changed or trained. */
    void change(String component) {
        Residence residence = residences.get(component);
        if (residence != null) {
            residence.change();
        }
    }

    /** Bytes of each component's weights when they are in memory. */
    Map<String, Long> bytes() {
        Map<String, Long> bytes = new TreeMap<>();
        residences.forEach((component, residence) -> bytes.put(component, residence.bytes()));
        return bytes;
    }

    /** Runs the body with all weights in memory. */
    void useAll(Runnable body) {
        Supplier<Void> inner = () -> {
            body.run();
            return null;
        };
        for (Residence residence : all()) {
            Supplier<Void> outer = inner;
            inner = () -> residence.use(outer);
        }
        inner.get();
    }

    private Collection<Residence> all() {
        return residences.values();
    }
}
