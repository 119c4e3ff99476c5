package org.imagerl.spi;

import java.util.Set;

/**
 * Makes one kind of part from its configuration. What a factory makes is decided by the list of {@link Plugin} it is in.
 *
 * @param <T> what is made
 * @param <C> its configuration: a record whose component names are the configuration keys in snake case. Components may be
 *     primitives, boxed types, strings, enums (kebab case in files), lists, maps and further records. Defaults come from
 *     {@link #defaults()}.
 */
public interface Factory<T, C extends Record> {

    /** The name in configuration files: kebab case, unique among the factories of its kind. */
    String name();

    /**
     * Names that other programs have for the same part, such as the name of a class of diffusers. They are read in the
     * place of {@link #name()}, and never written.
     */
    default Set<String> otherNames() {
        return Set.of();
    }

    /** What it is, in one line. */
    String description();

    /**
     * The configuration, with the default of every key that has one. Keys without a default are null here: required, or
     * optional where the component is {@code @Nullable}.
     */
    C defaults();

    /**
     * Makes the part.
     *
     * @throws UserException if the configuration makes no sense, with the reason
     */
    T create(C config, Context context);
}
