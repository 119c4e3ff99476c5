package org.imagerl.tests.contracts;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.samples.parts.PartsPlugin;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.junit.jupiter.api.Named;

/** What the registry has of a kind: the built-in parts, and those of the examples for authors of plugins. */
final class Parts {
    private static final Registry REGISTRY = Registry.load(List.of()).with(new PartsPlugin());

    private Parts() {}

    /** Makers of fresh parts, by their names. */
    static <T> List<Named<Supplier<T>>> all(Kind<T> kind) {
        return all(REGISTRY, kind);
    }

    /** The same of another registry. */
    static <T> List<Named<Supplier<T>>> all(Registry registry, Kind<T> kind) {
        return registry.factories(kind).values().stream()
                .<Named<Supplier<T>>>map(factory -> Named.of(factory.name(), maker(factory)))
                .toList();
    }

    private static <T, C extends Record> Supplier<T> maker(Factory<? extends T, C> factory) {
        Context context = new Context(Path.of("."), "cpu", 1, warning -> {});
        return () -> factory.create(factory.defaults(), context);
    }
}
