package org.imagerl.spi;

import java.util.Set;

/**
 * Writes a part, with its settings, as JSON, and reads it back. A file that was made with a part names the part in this
 * form.
 */
public interface PartCodec {

    /** A part with all its settings, one JSON object: {@link #read} makes an equal one of it. */
    String write(PartConfig<?> part);

    /**
     * A part as a file names it.
     *
     * @param contract of the part
     * @param json {@code {"type": ..., ...}}
     * @param where the file and the key, for messages
     * @throws UserException if there is no such part, or its settings are wrong
     */
    <T> PartConfig<T> read(Class<T> contract, String json, String where);

    /** The types of a part that there are; none where no plugins are known. */
    default Set<String> types(Class<?> contract) {
        return Set.of();
    }

    /** A codec without plugins: it knows no parts. */
    static PartCodec none() {
        return new PartCodec() {
            @Override
            public String write(PartConfig<?> part) {
                throw new UnsupportedOperationException(
                        "no plugins are known here, " + part.type() + " cannot be named");
            }

            @Override
            public <T> PartConfig<T> read(Class<T> contract, String json, String where) {
                throw UserException.input(where + ": names a part, and no plugins are known here");
            }
        };
    }
}
