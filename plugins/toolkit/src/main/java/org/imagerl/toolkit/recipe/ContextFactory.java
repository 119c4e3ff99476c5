package org.imagerl.toolkit.recipe;

import java.util.function.BiFunction;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;

/** A factory whose part needs its configuration and the surroundings. */
public record ContextFactory<T, C extends Record>(
        String name, String description, C defaults, BiFunction<C, Context, T> make) implements Factory<T, C> {

    /** A part with configuration. */
    public static <T, C extends Record> Factory<T, C> of(
            String name, String description, C defaults, BiFunction<C, Context, T> make) {
        return new ContextFactory<>(name, description, defaults, make);
    }

    @Override
    public T create(C config, Context context) {
        return make.apply(config, context);
    }
}
