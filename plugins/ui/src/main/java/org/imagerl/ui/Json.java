package org.imagerl.ui;

import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.imagerl.spi.UserException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the page receives, as JSON. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    /** A record or a list of them. */
    static JsonNode of(Object value) {
        return MAPPER.valueToTree(value);
    }

    /** The value in UTF-8. Halves of surrogate pairs, which a file may name by escapes, have no bytes there and become question marks. */
    static byte[] bytes(JsonNode value) {
        return value.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Adds a number; null where it is not finite. */
    static void add(ArrayNode array, double value) {
        if (Double.isFinite(value)) {
            array.add(value);
        } else {
            array.addNull();
        }
    }

    /** Sets a number; null where it is not finite. */
    static void put(ObjectNode object, String key, double value) {
        if (Double.isFinite(value)) {
            object.put(key, value);
        } else {
            object.putNull(key);
        }
    }

    /** Sets a part; if its files are damaged, says why among the {@code problems}: one bad file hides no other. */
    static void put(ObjectNode object, String key, Supplier<JsonNode> part) {
        try {
            object.set(key, part.get());
        } catch (UserException e) {
            object.withArray("problems").add(e.getMessage());
        }
    }
}
