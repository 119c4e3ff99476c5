package org.imagerl.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.imagerl.spi.Factory;
import org.jspecify.annotations.Nullable;

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

    /**
     * A key of a file.
     *
     * @param path from the top of the file, with dots; of an item of a list with brackets, {@code rewards[].weight}
     * @param component of the record that it is bound to
     * @param type what its value is, in words, with its range
     * @param value its default as it would be written; {@code required} or {@code optional} without one
     */
    public record Field(String path, RecordComponent component, String type, String value) {}

    /** All keys of a record, those of records inside it and in its lists too; of a record inside it itself there is none. */
    public static List<Field> fields(Class<?> type, @Nullable Node defaults) {
        List<Field> fields = new ArrayList<>();
        fields(fields, type, defaults, "");
        return List.copyOf(fields);
    }

    /** The keys of the configuration of a factory's parts. */
    public static List<Field> fields(Factory<?, ?> factory) {
        Record defaults = factory.defaults();
        return fields(defaults.getClass(), RecordNodes.section(defaults, Origin.DEFAULT));
    }

    private static void fields(List<Field> fields, Class<?> type, @Nullable Node defaults, String around) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = Words.snake(component.getName());
            String path = Words.path(around, key);
            Node value =
                    defaults instanceof Node.Section section ? section.entries().get(key) : null;
            Class<?> raw = component.getType();
            Class<?> item = raw == List.class ? Types.raw(Types.argument(component.getGenericType(), 0)) : raw;
            if (isPlain(item)
                    && (raw != List.class
                            || !(value instanceof Node.Items items)
                            || items.items().isEmpty())) {
                if (raw == List.class || Types.optional(component)) {
                    fields.add(new Field(path, component, words(raw), value(component, value)));
                }
                fields(fields, item, value, raw == List.class ? path + "[]" : path);
            } else {
                fields.add(new Field(
                        Types.inline(component) ? Words.path(around, "type") : path,
                        component,
                        type(component),
                        value(component, value)));
            }
        }
    }

    /** A section whose keys are known without a type. */
    private static boolean isPlain(Class<?> type) {
        return type.isRecord() && !Types.isPart(type);
    }

    private static String value(RecordComponent component, @Nullable Node value) {
        Default given = component.getAnnotation(Default.class);
        boolean none = value == null || (value instanceof Node.Scalar scalar && scalar.value() == null);
        if (none) {
            return given == null ? without(component) : given.value();
        }
        return flow(value);
    }

    private static String without(RecordComponent component) {
        return Types.optional(component) ? "optional" : "required";
    }

    private static String flow(@Nullable Node value) {
        return value == null ? "" : YamlWriter.flow(value);
    }

    private static String type(RecordComponent component) {
        Range range = component.getAnnotation(Range.class);
        return words(component.getType())
                + (range == null ? "" : ", " + Scalars.words(range))
                + (component.isAnnotationPresent(Auto.class) ? ", or " + Auto.WORD : "");
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
