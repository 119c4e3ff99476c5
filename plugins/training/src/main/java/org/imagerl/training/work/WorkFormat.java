package org.imagerl.training.work;

import org.imagerl.spi.UserException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Units of work as bytes: JSON in UTF-8, with every number exact. */
public final class WorkFormat {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(
                    DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private WorkFormat() {}

    /** A unit as bytes. */
    public static byte[] write(Record unit) {
        return JSON.writeValueAsBytes(unit);
    }

    /**
     * The unit of some bytes.
     *
     * @throws UserException if they are none of this type
     */
    public static <T extends Record> T read(Class<T> type, byte[] bytes) {
        return read(type, bytes, "a unit of work");
    }

    /** @param where for messages */
    static <T extends Record> T read(Class<T> type, byte[] bytes, String where) {
        try {
            return JSON.readValue(bytes, type);
        } catch (JacksonException e) {
            throw UserException.input(
                    where + ": is no " + type.getSimpleName() + " of this version of imagerl: " + e.getOriginalMessage()
                            + "; the version that wrote it reads it",
                    e);
        }
    }
}
