package org.imagerl.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.imagerl.spi.Factory;

/** The keys of a part's configuration, for listings. */
public final class ConfigKeys {
    private ConfigKeys() {}

    /**
     * One key.
     *
     * @param type what its value is, in words
     * @param value its default as it would be written; {@code required} or {@code optional} without one
     */
    public record Key(String name, String type, String value) {}

    /** The keys of a factory's parts, in the order of the record; those of a record inside it with dots. */
    public static List<Key> of(Factory<?, ?> factory) {
        Record defaults = factory.defaults();
        List<Key> keys = new ArrayList<>();
        add(keys, defaults.getClass(), RecordNodes.section(defaults, Origin.DEFAULT), "");
        return List.copyOf(keys);
    }

    private static void add(List<Key> keys, Class<?> type, Node.Section defaults, String path) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = Words.snake(component.getName());
            Node value = defaults.entries().get(key);
            Class<?> raw = component.getType();
            if (raw.isRecord() && value instanceof Node.Section section) {
                add(keys, raw, section, Words.path(path, key));
            } else {
                String without = Types.optional(component) ? "optional" : "required";
                boolean none = value instanceof Node.Scalar scalar && scalar.value() == null;
                String text = value == null || none ? without : YamlWriter.flow(value);
                keys.add(new Key(Words.path(path, key), words(raw), text));
            }
        }
    }

    private static String words(Class<?> type) {
        if (type == List.class) {
            return "a list";
        }
        if (Types.isClosedChoice(type)) {
            return "a section whose type is one of " + choices(type);
        }
        if (Types.isPart(type)) {
            return "a section with a type";
        }
        return type.isRecord() || type == Map.class ? "a section" : Scalars.expected(type);
    }

    /** The choices, each with its keys: {@code all, fixed (from, size)}. */
    private static String choices(Class<?> sealed) {
        return Types.choices(sealed).entrySet().stream()
                .map(choice -> choice.getKey() + keys(choice.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String keys(Class<?> record) {
        Set<String> keys = Types.keys(record);
        return keys.isEmpty() ? "" : " (" + String.join(", ", keys) + ")";
    }
}
