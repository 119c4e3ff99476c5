package org.imagerl.hub.tokenizer;

import java.nio.file.Path;
import java.util.Arrays;
import org.imagerl.hub.JsonValues;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;

/**
 * A value of a {@code tokenizer.json} with the place it stands at, for checks that name the place.
 *
 * @param file the file, for messages
 * @param path its keys from the top, {@code normalizer.normalizers[3]}
 * @param node the value; a missing node when it is absent
 */
record Section(Path file, String path, JsonNode node) {

    /** The value under a key. */
    Section at(String key) {
        return new Section(file, path.isEmpty() ? key : path + "." + key, node.path(key));
    }

    /** The value at an index of a list. */
    Section at(int index) {
        return new Section(file, path + "[" + index + "]", node.path(index));
    }

    /** Whether there is nothing, or null. */
    boolean absent() {
        return node.isMissingNode() || node.isNull();
    }

    /** The entry {@code type} of an object, one of the names given. */
    String type(String... supported) {
        String type = at("type").text(100);
        if (!Arrays.asList(supported).contains(type)) {
            throw at("type").refusal("supported: " + String.join(", ", supported));
        }
        return type;
    }

    /** A string of at most so many characters. */
    String text(int maxLength) {
        if (!node.isString() || node.stringValue().length() > maxLength) {
            throw refusal("expected a string of at most " + maxLength + " characters");
        }
        return node.stringValue();
    }

    /** A whole number within [min, max]. */
    int integer(int min, int max) {
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < min || node.intValue() > max) {
            throw refusal("expected an integer from " + min + " to " + max);
        }
        return node.intValue();
    }

    /** The number of entries of a list, within [min, max]. */
    int list(int min, int max) {
        if (!node.isArray() || node.size() < min || node.size() > max) {
            throw refusal("expected a list of " + min + " to " + max + " entries");
        }
        return node.size();
    }

    /** An error about this value, to be thrown. */
    UserException refusal(String expected) {
        return UserException.input(file + ": " + Quote.of(path) + " is " + JsonValues.shown(node) + "; " + expected
                + "; take the tokenizer of the model's own folder");
    }
}
