package org.imagerl.config.registry;

import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.PartConfig;

/**
 * A part that a configuration names: the factory that makes it, and its settings.
 *
 * @param <T> the contract of the part
 * @param factory who makes it
 * @param config the configuration, of the type of {@link Factory#defaults}
 */
public record BoundPart<T>(Factory<? extends T, ?> factory, Record config) implements PartConfig<T> {

    /** A part with the defaults of its factory. */
    public static <T> BoundPart<T> of(Factory<? extends T, ?> factory) {
        return new BoundPart<>(factory, factory.defaults());
    }

    @Override
    public String type() {
        return factory.name();
    }

    @Override
    public T create(Context context) {
        return create(factory, config, context);
    }

    private static <T, C extends Record> T create(Factory<T, C> factory, Record config, Context context) {
        @SuppressWarnings("unchecked") // the binder made it from the type of the defaults
        C typed = (C) factory.defaults().getClass().cast(config);
        return factory.create(typed, context);
    }
}
