package org.imagerl.config;

import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A text of somebody and the options over it, as one tree. */
public final class Layers {
    /** Far more bytes than any configuration has; a file beyond is something else. */
    public static final int MAX_BYTES = 1 << 20;

    private Layers() {}

    /**
     * A text and the options over it, with short forms written out.
     *
     * @param type what the tree will be bound to
     * @param source where the text is from, for messages
     * @param overrides {@code rollout.steps=20}: a path of keys and a value as it would stand in the file; lists as a whole
     * @return null if there is no tree; then there is a problem
     */
    public static @Nullable Node read(
            Type type, String text, String source, List<String> overrides, Problems problems) {
        Node user = expand(type, YamlReader.read(text, source, problems));
        for (String override : overrides) {
            Node flag = expand(type, flag(override, problems));
            user = flag == null ? user : user == null ? flag : Node.overlay(user, flag);
        }
        return user;
    }

    private static @Nullable Node expand(Type type, @Nullable Node node) {
        return node == null ? null : ShortForms.expand(type, node);
    }

    /** {@code a.b=c} as the tree {@code {a: {b: c}}}. */
    private static @Nullable Node flag(String override, Problems problems) {
        Origin origin = Origin.option(override);
        int equals = override.indexOf('=');
        if (equals < 1) {
            problems.add(origin, "", "must be KEY=VALUE, for instance rollout.steps=20");
            return null;
        }
        String value = override.substring(equals + 1);
        Node node = value.isBlank()
                ? new Node.Scalar(null, value, origin)
                : YamlReader.read(value, origin.source(), problems);
        String[] keys = override.substring(0, equals).split("\\.", -1);
        for (int i = keys.length - 1; i >= 0 && node != null; i--) {
            node = new Node.Section(Map.of(keys[i], at(node, origin)), origin);
        }
        return node;
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
