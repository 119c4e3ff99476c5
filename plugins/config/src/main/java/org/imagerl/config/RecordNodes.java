package org.imagerl.config;

import java.lang.reflect.RecordComponent;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.config.registry.BoundPart;
import org.jspecify.annotations.Nullable;

/** Turns records into nodes, the inverse of {@link Binder}. */
public final class RecordNodes {
    private RecordNodes() {}

    /** The keys of a record, without those of an inline part. */
    public static Set<String> keys(Class<? extends Record> type) {
        return Types.keys(type);
    }

    /** The keys of a record and their values. */
    public static Node.Section section(Record record, Origin origin) {
        Map<String, Node> entries = new LinkedHashMap<>();
        if (Types.isChoice(record.getClass())) {
            entries.put("type", Node.text(Words.kebab(record.getClass()), origin));
        }
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            Object given = value(record, component);
            boolean auto = component.isAnnotationPresent(Auto.class)
                    && Integer.valueOf(Auto.VALUE).equals(given);
            Node value = node(auto ? Auto.WORD : given, origin);
            if (Types.inline(component)) {
                entries.putAll(((Node.Section) value).entries());
            } else {
                entries.put(Words.snake(component.getName()), value);
            }
        }
        return new Node.Section(entries, origin);
    }

    /** A value of any type that configurations have. */
    public static Node node(@Nullable Object value, Origin origin) {
        if (value instanceof BoundPart<?> part) {
            Map<String, Node> entries = new LinkedHashMap<>();
            entries.put("type", Node.text(part.type(), origin));
            entries.putAll(section(part.config(), origin).entries());
            return new Node.Section(entries, origin);
        }
        if (value instanceof Record record) {
            return section(record, origin);
        }
        if (value instanceof Path path) {
            return Node.text(path.toString(), origin);
        }
        if (value instanceof List<?> list) {
            return new Node.Items(list.stream().map(item -> node(item, origin)).toList(), origin);
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Node> entries = new LinkedHashMap<>();
            map.forEach((key, item) -> entries.put(key.toString(), node(item, origin)));
            return new Node.Section(entries, origin);
        }
        return scalar(value, origin);
    }

    private static Node.Scalar scalar(@Nullable Object value, Origin origin) {
        if (value instanceof Enum<?> constant) {
            String name = Words.kebab(constant);
            return new Node.Scalar(Scalars.literal(name), name, origin);
        }
        if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            return new Node.Scalar(number, text(value.toString()), origin);
        }
        if (value instanceof Number number) {
            return new Node.Scalar(new BigInteger(number.toString()), number.toString(), origin);
        }
        return new Node.Scalar(value, String.valueOf(value), origin);
    }

    /** Java's {@code 1.0E-4} as all YAML readers take it for a number: {@code 1.0e-4}, {@code 1.0e+10}. */
    private static String text(String number) {
        return number.replaceFirst("E(?=\\d)", "e+").replace('E', 'e');
    }

    private static @Nullable Object value(Record record, RecordComponent component) {
        try {
            var accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }
}
