package org.imagerl.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Factory;
import org.imagerl.spi.OneOf;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;
import org.jspecify.annotations.Nullable;

/**
 * Nodes (without short forms) to records. A key is a component's name in snake case; a component that is not
 * {@code @Nullable} is required. Beside records there are parts ({@code type} chooses the factory, whose defaults lie
 * beneath) and sealed interfaces of records ({@code type} is the record's name in kebab case).
 *
 * <p>All problems are collected; a value that has one becomes {@link #FAILED}, and so does all that contains it.
 */
public final class Binder {
    /** Stands for a value that could not be bound, since null is a value. */
    static final Object FAILED = new Object();

    private final Registry registry;
    private final Problems problems;
    private final Path folder;
    private final Map<String, String> foreign;

    /** The record of the whole file, for hints. */
    private Class<?> whole = Record.class;

    /**
     * A binder.
     *
     * @param folder relative paths, of parts that are made from a folder with a manifest, are relative to this
     * @param foreign keys of other tools, in lower case without underscores, and what they are here, for hints
     */
    public Binder(Registry registry, Problems problems, Path folder, Map<String, String> foreign) {
        this.registry = registry;
        this.problems = problems;
        this.folder = folder;
        this.foreign = foreign;
    }

    /** The value of a type, or {@link #FAILED}. */
    @Nullable
    public Object bind(Type type, Node node, String path) {
        if (path.isEmpty() && Types.raw(type).isRecord()) {
            whole = Types.raw(type);
        }
        return bind(type, node, path, Set.of());
    }

    private @Nullable Object bind(Type type, Node node, String path, Set<String> keysAround) {
        Class<?> raw = Types.raw(type);
        if (raw == List.class) {
            return bindList(Types.argument(type, 0), node, path);
        }
        if (raw == Map.class) {
            return bindMap(Types.argument(type, 1), node, path);
        }
        if (!Types.isPart(raw) && !Types.isClosedChoice(raw) && !raw.isRecord()) {
            return Scalars.bind(raw, node, path, problems, "");
        }
        if (!(node instanceof Node.Section section)) {
            return wrong(node, path, "must be a section with keys, not " + node.kind());
        }
        if (raw.isRecord() && !Types.isPart(raw)) {
            return bindRecord(raw, section, path, keysAround);
        }
        Node chosen = section.entries().get("type");
        if (chosen == null) {
            problems.add(section.written(), Words.path(path, "type"), Problems.MISSING);
            return FAILED;
        }
        Object name = Scalars.bind(String.class, chosen, Words.path(path, "type"), problems, "");
        return name == FAILED || name == null ? FAILED : bindTyped(type, name.toString(), section, path, keysAround);
    }

    private Object bindTyped(Type type, String name, Node.Section section, String path, Set<String> keysAround) {
        Map<String, Node> settings = new LinkedHashMap<>(section.entries());
        Node chosen = settings.remove("type");
        Node.Section rest = new Node.Section(settings, section.origin());
        Set<String> known = new LinkedHashSet<>(keysAround);
        known.add("type");
        boolean part = Types.isPart(Types.raw(type));
        try {
            return part
                    ? bindPart(Types.raw(Types.argument(type, 0)), name, rest, path, known)
                    : bindRecord(choice(Types.raw(type), name), rest, path, known);
        } catch (UserException e) { // an unknown name; the message of a part has it
            Node at = chosen == null ? section : chosen;
            boolean shortForm = at.origin().equals(section.origin()); // the user wrote no key "type"
            String place = shortForm ? path : Words.path(path, "type");
            problems.add(at.origin(), place, String.valueOf(e.getMessage()), part ? "" : name);
            return FAILED;
        }
    }

    private Object bindPart(Class<?> contract, String name, Node.Section settings, String path, Set<String> known) {
        Factory<?, ?> factory = registry.factory(Kind.of(contract), name);
        Record defaults = factory.defaults();
        Node.Section set = withoutNulls(RecordNodes.section(defaults, Origin.DEFAULT));
        Node.Section manifest = Manifest.read(defaults.getClass(), settings, folder, problems);
        Node.Section merged = (Node.Section) Node.overlay(Node.overlay(manifest, set), settings);
        Object config = bindRecord(defaults.getClass(), merged, path, known);
        return config == FAILED ? FAILED : new BoundPart<>(factory, (Record) config);
    }

    /** Defaults that are null are none: their keys are required, or optional where null is allowed. */
    static Node.Section withoutNulls(Node.Section section) {
        Map<String, Node> entries = new LinkedHashMap<>(section.entries());
        entries.values().removeIf(node -> node instanceof Node.Scalar scalar && scalar.value() == null);
        entries.replaceAll((key, node) -> node instanceof Node.Section inner ? withoutNulls(inner) : node);
        return new Node.Section(entries, section.origin());
    }

    private static Class<?> choice(Class<?> sealed, String name) {
        Map<String, Class<?>> choices = Types.choices(sealed);
        Class<?> chosen = choices.get(name);
        if (chosen == null) {
            throw UserException.input(
                    "must be one of " + String.join(", ", choices.keySet()) + Nearest.hint(name, choices.keySet()));
        }
        return chosen;
    }

    private Object bindRecord(Class<?> type, Node.Section given, String path, Set<String> keysAround) {
        Node.Section section = withoutOverruled(type, FormerKeys.renamed(type, given, path, problems));
        Set<String> keys = Types.keys(type);
        Map<String, Node> others = new LinkedHashMap<>(section.entries());
        others.keySet().removeAll(keys);
        List<@Nullable Object> values = new ArrayList<>();
        boolean inline = false;
        for (RecordComponent component : type.getRecordComponents()) {
            if (Types.inline(component)) {
                inline = true;
                Node.Section rest = new Node.Section(others, section.origin());
                values.add(bind(component.getGenericType(), rest, path, keys));
            } else {
                values.add(bindComponent(component, section, path));
            }
        }
        boolean failed = values.contains(FAILED);
        if (!inline && !others.isEmpty()) {
            Set<String> known = new LinkedHashSet<>(keys);
            known.addAll(keysAround);
            others.forEach((key, value) -> unknown(key, value, path, known));
            failed = true;
        }
        return failed ? FAILED : construct(type, values, section, path);
    }

    /**
     * Keeps, of keys that exclude each other, only those of the uppermost layer that has one: a default or a preset
     * beneath it does not contradict it.
     */
    private static Node.Section withoutOverruled(Class<?> type, Node.Section section) {
        OneOf alternatives = type.getAnnotation(OneOf.class);
        if (alternatives == null) {
            return section;
        }
        Map<String, Node> kept = new LinkedHashMap<>(section.entries());
        Map<String, Node> given = new LinkedHashMap<>(withoutNulls(section).entries());
        given.keySet()
                .retainAll(Stream.of(alternatives.value()).map(Words::snake).toList());
        int top = given.values().stream()
                .mapToInt(node -> node.origin().layer())
                .max()
                .orElse(0);
        given.forEach((key, node) -> {
            if (node.origin().layer() < top) {
                kept.remove(key);
            }
        });
        return new Node.Section(kept, section.origin());
    }

    private void unknown(String key, Node value, String path, Set<String> known) {
        wrong(value, Words.path(path, key), "is not a key" + KeyHints.of(key, known, whole, foreign));
        Nearest.to(key, known).ifPresent(meant -> problems.withoutMissing(Words.path(path, meant)));
    }

    private @Nullable Object bindComponent(RecordComponent component, Node.Section section, String path) {
        String key = Words.snake(component.getName());
        String keyPath = Words.path(path, key);
        Node node = section.entries().get(key);
        if (node == null && component.isAnnotationPresent(Default.class)) {
            String text = component.getAnnotation(Default.class).value();
            node = YamlReader.read(text, Origin.DEFAULT.source(), problems);
        }
        if (node == null || (node instanceof Node.Scalar scalar && scalar.value() == null)) {
            if (Types.optional(component)) {
                return null;
            }
            Origin origin = node == null ? section.written() : node.origin();
            problems.add(origin, keyPath, node == null ? Problems.MISSING : "must have a value");
            return FAILED;
        }
        boolean auto = component.isAnnotationPresent(Auto.class);
        if (auto && node instanceof Node.Scalar scalar && Auto.WORD.equals(scalar.value())) {
            return Auto.VALUE;
        }
        String also = auto ? ", or " + Auto.WORD : "";
        Object value = auto
                ? Scalars.bind(component.getType(), node, keyPath, problems, also)
                : bind(component.getGenericType(), node, keyPath);
        Range range = component.getAnnotation(Range.class);
        return range == null || value == FAILED || Scalars.within(range, value, node, keyPath, problems, also)
                ? value
                : FAILED;
    }

    private Object bindList(Type item, Node node, String path) {
        if (!(node instanceof Node.Items list)) {
            return wrong(node, path, "must be a list, not " + node.kind());
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < list.items().size(); i++) {
            Object value = bind(item, list.items().get(i), path + "[" + i + "]");
            values.add(value == null ? FAILED : value);
        }
        return values.contains(FAILED) ? FAILED : List.copyOf(values);
    }

    private Object bindMap(Type item, Node node, String path) {
        if (!(node instanceof Node.Section section)) {
            return wrong(node, path, "must be a section with keys, not " + node.kind());
        }
        Map<String, Object> values = new LinkedHashMap<>();
        section.entries().forEach((key, value) -> {
            Object bound = bind(item, value, Words.path(path, key));
            values.put(key, bound == null ? FAILED : bound);
        });
        return values.containsValue(FAILED) ? FAILED : Map.copyOf(values);
    }

    private Object construct(Class<?> type, List<@Nullable Object> values, Node.Section section, String path) {
        try {
            Class<?>[] types = Arrays.stream(type.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values.toArray());
        } catch (InvocationTargetException e) {
            return refused(type, e.getCause(), section, path);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot construct " + type, e);
        }
    }

    /** A constructor refused its values: the problem is put where the first key is that the message names. */
    private Object refused(Class<?> type, @Nullable Throwable cause, Node.Section section, String path) {
        if (!(cause instanceof IllegalArgumentException) && !(cause instanceof UserException)) {
            throw new IllegalStateException("the constructor of " + type + " failed", cause);
        }
        String message = String.valueOf(cause.getMessage());
        List<String> words = List.of(message.split("[^A-Za-z0-9_]+"));
        for (RecordComponent component : type.getRecordComponents()) {
            String key = Words.snake(component.getName());
            Node node = section.entries().get(key);
            if (node != null && (words.contains(key) || words.contains(component.getName()))) {
                // The path names the key already.
                return wrong(node, Words.path(path, key), message.replaceFirst("^" + key + " (?=must )", ""));
            }
        }
        return wrong(section, path, message);
    }

    private Object wrong(Node node, String path, String message) {
        problems.add(node.origin(), path, message, node instanceof Node.Scalar scalar ? scalar.text() : "");
        return FAILED;
    }
}
