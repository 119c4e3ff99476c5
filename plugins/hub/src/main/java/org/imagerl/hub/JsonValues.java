package org.imagerl.hub;

import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;

/** JSON values of strangers as they may stand in a message. */
public final class JsonValues {
    private JsonValues() {}

    /** A string in quotes, lists and objects by their size, all else as it is written; short and without control characters. */
    public static String shown(JsonNode node) {
        if (node.isMissingNode()) {
            return "absent";
        }
        if (node.isContainer() && node.toString().length() > 150) {
            return (node.isArray() ? "a list of " : "an object of ") + node.size() + " entries";
        }
        return node.isString() ? Quote.of(node.stringValue()) : Quote.unquoted(node.toString());
    }
}
