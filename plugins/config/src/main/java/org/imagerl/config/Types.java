package org.imagerl.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.spi.PartConfig;
import org.jspecify.annotations.Nullable;

/** What the types of configuration records say. */
final class Types {
    private Types() {}

    /** The type {@code BoundPart<T>} of a contract. */
    record PartType(Class<?> contract) implements ParameterizedType {
        @Override
        public Type[] getActualTypeArguments() {
            return new Type[] {contract};
        }

        @Override
        public Type getRawType() {
            return BoundPart.class;
        }

        @Override
        public @Nullable Type getOwnerType() {
            return null;
        }
    }

    /** The class of a type, without its arguments. */
    static Class<?> raw(Type type) {
        return (Class<?>) (type instanceof ParameterizedType generic ? generic.getRawType() : type);
    }

    /** An argument of a generic type. */
    static Type argument(Type type, int index) {
        return ((ParameterizedType) type).getActualTypeArguments()[index];
    }

    /** Whether a component may be null, and with it its key be left out. */
    static boolean optional(RecordComponent component) {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    /** Whether the part of a component stands among the keys around it. */
    static boolean inline(RecordComponent component) {
        return component.isAnnotationPresent(Inline.class);
    }

    /** The keys of a record, without those of an inline part. */
    static Set<String> keys(Class<?> type) {
        Set<String> keys = new LinkedHashSet<>();
        for (RecordComponent component : type.getRecordComponents()) {
            if (!inline(component)) {
                keys.add(Words.snake(component.getName()));
            }
        }
        return keys;
    }

    /** Whether a section of this type names a part, in our own records or in those of a plugin. */
    static boolean isPart(Class<?> type) {
        return type == BoundPart.class || type == PartConfig.class;
    }

    /** Whether a section of this type chooses one of several records. An enum whose constants have bodies is sealed too. */
    static boolean isClosedChoice(Class<?> type) {
        return type.isSealed() && !type.isEnum();
    }

    /** The records of a closed choice, by the {@code type} that chooses them. */
    static Map<String, Class<?>> choices(Class<?> sealed) {
        Map<String, Class<?>> choices = new TreeMap<>(); // the order of permitted classes is that of a compiler
        for (Class<?> choice : sealed.getPermittedSubclasses()) {
            choices.put(Words.kebab(choice), choice);
        }
        return choices;
    }

    /** Whether a record is one of a closed choice, so that its section has a {@code type}. */
    static boolean isChoice(Class<?> type) {
        return Arrays.stream(type.getInterfaces()).anyMatch(Class::isSealed);
    }

    /** The key whose value may stand for the whole section, or null. */
    static @Nullable String shortForm(Class<?> type) {
        if (isPart(type) || isClosedChoice(type)) {
            return "type";
        }
        for (RecordComponent component : type.isRecord() ? type.getRecordComponents() : new RecordComponent[0]) {
            if (inline(component)) {
                return "type";
            }
        }
        ShortForm annotation = type.getAnnotation(ShortForm.class);
        return annotation == null ? null : annotation.value();
    }
}
