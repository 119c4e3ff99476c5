package org.imagerl.config;

import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes short forms out: {@code reward: ocr} becomes {@code reward: {type: ocr}}. */
final class ShortForms {
    private ShortForms() {}

    /** The node with all short forms of the type written out; what does not fit the type is left for the binder. */
    static Node expand(Type type, Node node) {
        Class<?> raw = Types.raw(type);
        if (node instanceof Node.Scalar scalar) {
            return scalar(raw, scalar);
        }
        if (raw == List.class && node instanceof Node.Items list) {
            Type item = Types.argument(type, 0);
            return new Node.Items(
                    list.items().stream().map(each -> expand(item, each)).toList(), list.origin());
        }
        return raw.isRecord() && node instanceof Node.Section section ? section(raw, section) : node;
    }

    private static Node scalar(Class<?> raw, Node.Scalar scalar) {
        String key = Types.shortForm(raw);
        boolean shortForm = key != null && scalar.value() instanceof String;
        return shortForm ? new Node.Section(Map.of(key, scalar), scalar.origin()) : scalar;
    }

    private static Node section(Class<?> type, Node.Section section) {
        Map<String, Node> entries = new LinkedHashMap<>(section.entries());
        for (RecordComponent component : type.getRecordComponents()) {
            entries.computeIfPresent(
                    Words.snake(component.getName()), (key, value) -> expand(component.getGenericType(), value));
        }
        return new Node.Section(entries, section.origin());
    }
}
