package org.imagerl.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Values over those of a file, in their order; a later one wins. A key is a path with dots, {@code rollout.steps}. A value is a Java value (a number, text,
 * truth value, enum constant, path, list, map, record, part, or null for none), or the text of an option, read as it would stand in the file.
 */
public final class Overrides {
    /** Nothing. */
    public static final Overrides NONE = new Overrides(List.of());

    private static final String SET = "--set ";

    /** Name and password before the host of an address, or a value behind its question mark. */
    private static final Pattern ADDRESS_SECRET = Pattern.compile(
            "(?i)(://)[^/@\\s\"']+(?=@)|([?&][^=&\\s]*(?:token|key|password|secret)[^=&\\s]*=)[^&\\s\"'}\\],]+");

    private final List<Entry> entries;

    /**
     * One override.
     *
     * @param option as it is shown in messages, {@code --set KEY=VALUE}
     * @param key null if the text has to be read
     * @param value a Java value, or the text {@code KEY=VALUE}
     */
    private record Entry(
            String option, @Nullable String key, @Nullable Object value) {

        /** An address with a password is refused elsewhere; the refusal must not show it on a screen or in a log. */
        Entry {
            option = ADDRESS_SECRET.matcher(option).replaceAll("$1$2***");
        }
    }

    private Overrides(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /** The options of a command line, {@code rollout.steps=20}. */
    public static Overrides parse(List<String> options) {
        return new Overrides(
                options.stream().map(text -> new Entry(SET + text, null, text)).toList());
    }

    /** These and a value. */
    public Overrides set(String key, @Nullable Object value) {
        return set(key, value, SET + key + "=" + value);
    }

    /**
     * These and a value that an option of its own gives.
     *
     * @param option as the user wrote it, {@code --eta 0.5}
     */
    public Overrides set(String key, @Nullable Object value, String option) {
        List<Entry> more = new ArrayList<>(entries);
        more.add(new Entry(option, key, value));
        return new Overrides(more);
    }

    /** These, then others. */
    public Overrides and(Overrides others) {
        List<Entry> more = new ArrayList<>(entries);
        more.addAll(others.entries);
        return new Overrides(more);
    }

    /** A tree for each, {@code {a: {b: c}}}; what cannot be read is a problem and left out. */
    List<Node> nodes(Problems problems) {
        List<Node> nodes = new ArrayList<>();
        for (Entry entry : entries) {
            Node node = entry.key == null ? read(entry, problems) : typed(entry);
            if (node != null) {
                nodes.add(node);
            }
        }
        return nodes;
    }

    private static Node typed(Entry entry) {
        Origin origin = Origin.of(entry.option);
        return nested(String.valueOf(entry.key), RecordNodes.node(entry.value, origin), origin);
    }

    private static @Nullable Node read(Entry entry, Problems problems) {
        Origin origin = Origin.of(entry.option);
        String option = String.valueOf(entry.value);
        int equals = option.indexOf('=');
        if (equals < 1) {
            problems.add(origin, "", "must be KEY=VALUE, for instance rollout.steps=20");
            return null;
        }
        String value = option.substring(equals + 1);
        Node node = value.isBlank()
                ? new Node.Scalar(null, value, origin)
                : YamlReader.read(value, origin.source(), problems);
        return node == null ? null : nested(option.substring(0, equals), Layers.at(node, origin), origin);
    }

    private static Node nested(String path, Node value, Origin origin) {
        Node node = value;
        String[] keys = path.split("\\.", -1);
        for (int i = keys.length - 1; i >= 0; i--) {
            node = new Node.Section(Map.of(keys[i], node), origin);
        }
        return node;
    }
}
