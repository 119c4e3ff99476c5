package org.imagerl.latent.pipeline;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The residences of a checkpoint's networks, by component. */
final class Residences {
    private final Map<String, Residence> residences = new TreeMap<>();

    void add(Residence residence) {
        residences.put(residence.network().component(), residence);
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
