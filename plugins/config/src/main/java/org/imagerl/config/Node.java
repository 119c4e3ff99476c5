package org.imagerl.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A tree of values that know where they are from. Of a value under a key, that is the place of the key. */
public sealed interface Node {

    Origin origin();

    /** The kind of this node in words: "a number", "a list". */
    String kind();

    /**
     * A single value.
     *
     * @param value a String, Boolean, BigInteger, Double or null
     * @param text as it was written
     */
    record Scalar(@Nullable Object value, String text, Origin origin) implements Node {
        @Override
        public String kind() {
            if (value instanceof String) {
                return "a text";
            }
            return value == null ? "nothing" : value instanceof Boolean ? "true or false" : "a number";
        }
    }

    /** A list. */
    record Items(List<Node> items, Origin origin) implements Node {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Keys and values, in the order of the file. */
    record Section(Map<String, Node> entries, Origin origin) implements Node {
        @Override
        public String kind() {
            return "a section";
        }

        /**
         * Where a key that is not there is missed: in the file, if any of the section is of a file. An option over a section sets one of its keys
         * and is not to blame for another.
         */
        public Origin written() {
            return entries.values().stream()
                    .map(Node::origin)
                    .filter(place -> origin.line() == 0 && place.line() > 0)
                    .findFirst()
                    .orElse(origin);
        }

        /** The text of a key, or null. */
        public @Nullable String text(String key) {
            return entries.get(key) instanceof Scalar scalar && scalar.value() instanceof String text ? text : null;
        }
    }

    /** A text. */
    static Scalar text(String value, Origin origin) {
        return new Scalar(value, value, origin);
    }

    /**
     * One tree over another. Sections are merged key by key, all else is replaced. A section with another {@code type} than
     * the one beneath replaces it, since the other type's settings mean nothing to it.
     */
    static Node overlay(@Nullable Node base, Node top) {
        if (!(base instanceof Section below) || !(top instanceof Section above)) {
            return top;
        }
        String type = above.text("type");
        if (type != null && !type.equals(below.text("type"))) {
            return top;
        }
        Map<String, Node> merged = new LinkedHashMap<>(below.entries());
        above.entries()
                .forEach((key, value) -> merged.put(key, overlay(below.entries().get(key), value)));
        return new Section(merged, above.origin());
    }
}
