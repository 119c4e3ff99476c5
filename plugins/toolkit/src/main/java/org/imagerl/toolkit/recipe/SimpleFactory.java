package org.imagerl.toolkit.recipe;

import java.util.Set;
import java.util.function.Function;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.NoConfig;

/** A factory whose part needs nothing but its configuration. */
public record SimpleFactory<T, C extends Record>(
        String name, String description, C defaults, Function<C, T> make, Set<String> otherNames)
        implements Factory<T, C> {

    /** A part without configuration. */
    public static <T> SimpleFactory<T, NoConfig> of(
            String name, String description, java.util.function.Supplier<T> make) {
        return of(name, description, new NoConfig(), config -> make.get());
    }

    /** A part with configuration. */
    public static <T, C extends Record> SimpleFactory<T, C> of(
            String name, String description, C defaults, Function<C, T> make) {
        return new SimpleFactory<>(name, description, defaults, make, Set.of());
    }

    /** The same factory with a name that another program has for the part. */
    public SimpleFactory<T, C> alsoNamed(String other) {
        return new SimpleFactory<>(name, description, defaults, make, Set.of(other));
    }

    @Override
    public T create(C config, Context context) {
        return make.apply(config);
    }
}
