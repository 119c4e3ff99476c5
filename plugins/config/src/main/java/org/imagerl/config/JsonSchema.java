package org.imagerl.config;

import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Factory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON Schema (draft 2020-12) of a record with the plugins of a registry, for completion in editors. It is
 * looser than {@link ConfigLoader}: within a section nothing is required, not even a type, because defaults and a preset may bring it; only keys at the
 * top and those of the items of lists are.
 */
public final class JsonSchema {
    private final Registry registry;
    private final Predicate<RecordComponent> derived;
    /** The parts of each contract, by its name. */
    private final Map<String, Object> definitions = new TreeMap<>();

    private JsonSchema(Registry registry, Predicate<RecordComponent> derived) {
        this.registry = registry;
        this.derived = derived;
    }

    /**
     * The schema as text.
     *
     * @param title what the file is
     * @param defaults the values that keys have by default
     * @param derived whether a component follows from something else, so that it is not required
     */
    public static String of(
            Registry registry, String title, Class<?> type, Node defaults, Predicate<RecordComponent> derived) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", title);
        JsonSchema made = new JsonSchema(registry, derived);
        schema.putAll(made.object(type, defaults, Map.of(), true));
        schema.put("$defs", made.definitions);
        return JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(schema);
    }

    private Map<String, Object> schema(Type type, @Nullable Node defaults) {
        Class<?> raw = Types.raw(type);
        if (Types.isPart(raw)) {
            return part(type, Map.of(), false);
        }
        if (Types.isClosedChoice(raw)) {
            return choice(raw);
        }
        if (raw.isRecord()) {
            return record(raw, defaults);
        }
        if (raw == List.class) {
            return typed("array", "items", schema(Types.argument(type, 0), null));
        }
        if (raw == Map.class) {
            return typed("object", "additionalProperties", schema(Types.argument(type, 1), null));
        }
        return raw.isEnum() ? oneOf(Scalars.constants(raw).keySet()) : Map.of("type", scalar(raw));
    }

    /** An object whose keys have this order in every process, which {@link Map#of} does not keep. */
    private static Map<String, Object> typed(String type, String key, Object value) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", type);
        schema.put(key, value);
        return schema;
    }

    private static Map<String, Object> oneOf(Collection<String> names) {
        return Map.of("enum", names.stream().map(Scalars::literal).toList());
    }

    private static String scalar(Class<?> type) {
        return switch (Scalars.expected(type)) {
            case "a text" -> "string";
            case "true or false" -> "boolean";
            case "a number" -> "number";
            default -> "integer";
        };
    }

    private Map<String, Object> record(Class<?> type, @Nullable Node defaults) {
        for (RecordComponent component : type.getRecordComponents()) {
            if (Types.inline(component) && defaults == null) { // an item of a list: the same wherever it stands
                return defined(Words.kebab(type), () -> part(component.getGenericType(), properties(type, null), true));
            }
            if (Types.inline(component)) {
                return part(component.getGenericType(), properties(type, defaults), false);
            }
        }
        Map<String, Object> object = object(type, defaults, Map.of(), false);
        return Types.shortForm(type) == null ? object : Map.of("anyOf", List.of(Map.of("type", "string"), object));
    }

    /** A part: a name, or an object per factory; described once for all places where such a part may stand. */
    private Map<String, Object> part(Type type, Map<String, Object> around, boolean strict) {
        Class<?> contract = Types.raw(Types.argument(type, 0));
        if (!around.isEmpty()) {
            return described(contract, around, strict);
        }
        return defined(Words.kebab(contract), () -> described(contract, around, false));
    }

    /** The definition of a type that is described once and referred to elsewhere. */
    private Map<String, Object> defined(String name, Supplier<Map<String, Object>> description) {
        if (!definitions.containsKey(name)) {
            definitions.put(name, Map.of()); // a part may hold another one of its own kind
            definitions.put(name, description.get());
        }
        return Map.of("$ref", "#/$defs/" + name);
    }

    private Map<String, Object> described(Class<?> contract, Map<String, Object> around, boolean strict) {
        Map<String, ? extends Factory<?, ?>> factories = registry.factories(Kind.of(contract));
        return Map.of("anyOf", forms(factories, oneOf(factories.keySet()), around, strict));
    }

    private List<Object> forms(
            Map<String, ? extends Factory<?, ?>> factories,
            Map<String, Object> names,
            Map<String, Object> around,
            boolean strict) {
        List<Object> forms = new ArrayList<>();
        forms.add(names);
        factories.forEach((name, factory) -> {
            Record defaults = factory.defaults();
            Node.Section values = Binder.withoutNulls(RecordNodes.section(defaults, Origin.DEFAULT));
            Map<String, Object> form = object(defaults.getClass(), values, typed(name, around), strict);
            form.put("description", factory.description());
            forms.add(form);
        });
        return forms;
    }

    private Map<String, Object> choice(Class<?> sealed) {
        List<Object> forms = new ArrayList<>();
        Map<String, Class<?>> choices = Types.choices(sealed);
        forms.add(oneOf(choices.keySet()));
        choices.forEach((name, choice) -> forms.add(object(choice, null, typed(name, Map.of()), false)));
        return Map.of("anyOf", forms);
    }

    private static Map<String, Object> typed(String name, Map<String, Object> around) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("type", Map.of("const", name));
        properties.putAll(around);
        return properties;
    }

    /** @param strict whether what has no default is required */
    private Map<String, Object> object(
            Class<?> type, @Nullable Node defaults, Map<String, Object> around, boolean strict) {
        Map<String, Object> properties = new LinkedHashMap<>(around);
        properties.putAll(properties(type, defaults));
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("type", "object");
        object.put("properties", properties);
        if (strict) {
            object.put("required", required(type, defaults, around.containsKey("type")));
        }
        object.put("additionalProperties", false);
        return object;
    }

    private List<String> required(Class<?> type, @Nullable Node defaults, boolean typed) {
        List<String> required = new ArrayList<>(typed ? List.of("type") : List.of());
        for (RecordComponent component : type.getRecordComponents()) {
            if (required(component, defaults)) {
                required.add(Words.snake(component.getName()));
            }
        }
        return required;
    }

    /** Not parts, which a preset may bring. */
    private boolean required(RecordComponent component, @Nullable Node defaults) {
        return !Types.isPart(Types.raw(component.getGenericType()))
                && !Types.optional(component)
                && !component.isAnnotationPresent(Default.class)
                && !derived.test(component)
                && value(component, defaults) == null;
    }

    private static @Nullable Node value(RecordComponent component, @Nullable Node defaults) {
        return defaults instanceof Node.Section section
                ? section.entries().get(Words.snake(component.getName()))
                : null;
    }

    private Map<String, Object> properties(Class<?> type, @Nullable Node defaults) {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (RecordComponent component : type.getRecordComponents()) {
            if (!Types.inline(component)) {
                properties.put(Words.snake(component.getName()), property(component, value(component, defaults)));
            }
        }
        return properties;
    }

    private Map<String, Object> property(RecordComponent component, @Nullable Node value) {
        Map<String, Object> property = new LinkedHashMap<>(schema(component.getGenericType(), value));
        Range range = component.getAnnotation(Range.class);
        if (range != null && !property.containsKey("items")) {
            bound(property, range.above() ? "exclusiveMinimum" : "minimum", range.min());
            bound(property, range.below() ? "exclusiveMaximum" : "maximum", range.max());
        }
        if (value instanceof Node.Scalar scalar && scalar.value() != null) {
            property.put("default", scalar.value());
        }
        if (component.isAnnotationPresent(Auto.class)) {
            return Map.of("anyOf", List.of(property, Map.of("const", Auto.WORD)));
        }
        return Types.optional(component) ? Map.of("anyOf", List.of(property, Map.of("type", "null"))) : property;
    }

    private static void bound(Map<String, Object> property, String key, double bound) {
        if (Double.isFinite(bound)) {
            property.put(key, bound);
        }
    }
}
