package org.imagerl.spi;

/**
 * A part that a configuration names with its settings, yet to be made: how the configuration of one part holds another one.
 *
 * @param <T> the contract of the part
 */
public interface PartConfig<T> {

    /** The {@code type:} of its section. */
    String type();

    /**
     * Makes the part.
     *
     * @throws UserException if the configuration makes no sense
     */
    T create(Context context);
}
