package org.imagerl.toolkit.recipe;

import java.util.function.Function;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.NoConfig;

/** A factory whose part needs nothing but its configuration. */
public record SimpleFactory<T, C extends Record>(String name, String description, C defaults, Function<C, T> make)
        implements Factory<T, C> {

    /** A part without configuration. */
    public static <T> Factory<T, NoConfig> of(String name, String description, java.util.function.Supplier<T> make) {
        return new SimpleFactory<>(name, description, new NoConfig(), config -> make.get());
    }

    /** A part with configuration. */
    public static <T, C extends Record> Factory<T, C> of(
            String name, String description, C defaults, Function<C, T> make) {
        return new SimpleFactory<>(name, description, defaults, make);
    }

    @Override
    public T create(C config, Context context) {
        return make.apply(config);
    }
}
