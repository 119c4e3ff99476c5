package org.imagerl.config;

import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The text of a configuration with the options that override it, as one tree. */
public final class Layers {
    /** Far more bytes than any configuration has; a file beyond is something else. */
    public static final int MAX_BYTES = 1 << 20;

    private Layers() {}

    /**
     * A text and the options over it, with short forms written out.
     *
     * @param type what the tree will be bound to
     * @param source where the text is from, for messages
     * @param overrides that lie over the text
     * @return null if there is no tree; then there is a problem
     */
    public static @Nullable Node read(Type type, String text, String source, Overrides overrides, Problems problems) {
        Node user = expand(type, tree(text, source, problems));
        for (Node override : overrides.nodes(problems)) {
            Node expanded = ShortForms.expand(type, override);
            user = user == null ? expanded : Node.overlay(user, expanded);
        }
        return user;
    }

    /** A source that shows the whole text, as an option does, needs no number of a line. */
    private static @Nullable Node tree(String text, String source, Problems problems) {
        Node node = YamlReader.read(text, source, problems);
        return node == null || text.contains("\n") || !source.contains(text) ? node : at(node, Origin.of(source));
    }

    private static @Nullable Node expand(Type type, @Nullable Node node) {
        return node == null ? null : ShortForms.expand(type, node);
    }

    /** A tree whose values all are from one place. */
    public static Node at(Node node, Origin origin) {
        if (node instanceof Node.Section section) {
            Map<String, Node> entries = new LinkedHashMap<>();
            section.entries().forEach((key, value) -> entries.put(key, at(value, origin)));
            return new Node.Section(entries, origin);
        }
        if (node instanceof Node.Items list) {
            return new Node.Items(
                    list.items().stream().map(item -> at(item, origin)).toList(), origin);
        }
        Node.Scalar scalar = (Node.Scalar) node;
        return new Node.Scalar(scalar.value(), scalar.text(), origin);
    }
}
