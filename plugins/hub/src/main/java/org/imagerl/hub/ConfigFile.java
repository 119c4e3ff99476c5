package org.imagerl.hub;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One JSON object of a checkpoint folder, read key by key. Remembers which keys were asked for, so that the rest can be
 * reported. Types are exact: {@code 8.5}, {@code "8"} and {@code true} are not integers. A key that is absent has the
 * default that the caller names; a key that is {@code null} counts as absent only where the method says so.
 */
public final class ConfigFile {
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_LIST = 4096;
    private static final double MAX_NUMBER = 1e35;

    private final Path file;
    private final JsonNode root;
    private final Set<String> known = new TreeSet<>();

    private ConfigFile(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    /**
     * Reads a file of at most 1 MiB that holds one JSON object.
     *
     * @throws UserException when it is absent, too large, no JSON, has a key twice, or is no object
     */
    public static ConfigFile read(Path file) {
        JsonNode root = StrictJson.value(file, BoundedFile.read(file, MAX_BYTES));
        if (!root.isObject()) {
            throw UserException.input(file + ": expected one JSON object");
        }
        return new ConfigFile(file, root);
    }

    /**
     * A description that is in no file of its own.
     *
     * @param place where it is from, for messages
     */
    public static ConfigFile of(Path place, ObjectNode root) {
        return new ConfigFile(place, root);
    }

    /** All of it, for a writer. */
    public ObjectNode tree() {
        return (ObjectNode) root;
    }

    /** The file, for messages. */
    public Path file() {
        return file;
    }

    /** The keys of the object in file order. */
    public List<String> keys() {
        return List.copyOf(root.propertyNames());
    }

    /** The value of a key; empty when it is absent or {@code null}. */
    public Optional<JsonNode> value(String key) {
        known.add(key);
        return Optional.ofNullable(root.get(key)).filter(node -> !node.isNull());
    }

    /** An integer within [min, max]. */
    public int integer(String key, int absent, int min, int max) {
        JsonNode node = given(key);
        return node == null ? absent : toInteger(key, node, min, max);
    }

    /** An integer within [min, max]; empty when absent or {@code null}. */
    public Optional<Integer> optionalInteger(String key, int min, int max) {
        return value(key).map(node -> toInteger(key, node, min, max));
    }

    /** A number that float32 can hold. */
    public double number(String key, double absent) {
        JsonNode node = given(key);
        return node == null ? absent : toNumber(key, node);
    }

    /** A number within [min, max]; a {@code null} counts as absent. */
    public double number(String key, double absent, double min, double max) {
        double number = optionalNumber(key).orElse(absent);
        if (!(number >= min && number <= max)) {
            throw refusal(key, "expected a number from " + min + " to " + max);
        }
        return number;
    }

    /** A number that float32 can hold; empty when absent or {@code null}. */
    public Optional<Double> optionalNumber(String key) {
        return value(key).map(node -> toNumber(key, node));
    }

    /** True or false. */
    public boolean flag(String key, boolean absent) {
        JsonNode node = given(key);
        return node == null ? absent : toFlag(key, node);
    }

    /** A string. */
    public String text(String key, String absent) {
        JsonNode node = given(key);
        return node == null ? absent : toText(key, node);
    }

    /** A string; empty when absent or {@code null}. */
    public Optional<String> optionalText(String key) {
        return value(key).map(node -> toText(key, node));
    }

    /** A list of strings. */
    public List<String> texts(String key, List<String> absent) {
        JsonNode node = given(key);
        return node == null ? absent : toList(key, node, this::toText);
    }

    /** A list of integers within [min, max]. */
    public List<Integer> integers(String key, List<Integer> absent, int min, int max) {
        JsonNode node = given(key);
        return node == null ? absent : toList(key, node, (k, item) -> toInteger(k, item, min, max));
    }

    /** A list of finite numbers; empty when absent or {@code null}. */
    public Optional<List<Double>> optionalNumbers(String key) {
        return value(key).map(node -> toList(key, node, this::toNumber));
    }

    /** An integer for each of {@code levels} levels: the file holds one for all or a list of that length. */
    public List<Integer> integerPerLevel(String key, int absent, int min, int max, int levels) {
        return perLevel(key, absent, levels, (k, item) -> toInteger(k, item, min, max));
    }

    /** A flag for each of {@code levels} levels: the file holds one for all or a list of that length. */
    public List<Boolean> flagPerLevel(String key, boolean absent, int levels) {
        return perLevel(key, absent, levels, this::toFlag);
    }

    /**
     * Refuses every value of a key but the named ones; numbers are compared by value, {@code null} matches {@code null}
     * and an absent key passes (its default is supported).
     *
     * @param key the key
     * @param supported what there is code for: {@code null}, booleans, numbers, strings
     */
    public void only(String key, @Nullable Object... supported) {
        known.add(key);
        JsonNode node = root.get(key);
        if (node != null && Arrays.stream(supported).noneMatch(value -> same(node, value))) {
            throw refusal(key, "supported: " + String.join(", ", texts(supported)));
        }
    }

    /** Says that these keys are known and change nothing here. */
    public void ignore(String... keys) {
        known.addAll(Arrays.asList(keys));
    }

    /** One line for each key that nobody asked for; keys that begin with {@code _} are private to the writer. */
    public List<String> warnings() {
        return keys().stream()
                .filter(key -> !known.contains(key) && !key.startsWith("_"))
                .map(key -> file + ": unknown key " + Quote.of(key) + " is ignored")
                .toList();
    }

    /** An error about the value of a key, to be thrown. */
    public UserException refusal(String key, String remedy) {
        JsonNode node = root.get(key);
        String value = node == null ? "absent" : JsonValues.shown(node);
        return UserException.input(file + ": " + Quote.of(key) + " is " + value + "; " + remedy);
    }

    private @Nullable JsonNode given(String key) {
        known.add(key);
        JsonNode node = root.get(key);
        if (node != null && node.isNull()) {
            throw refusal(key, "a value is needed, or no such key at all");
        }
        return node;
    }

    private <T> List<T> perLevel(String key, T absent, int levels, BiFunction<String, JsonNode, T> convert) {
        JsonNode node = given(key);
        if (node == null || !node.isArray()) {
            return Collections.nCopies(levels, node == null ? absent : convert.apply(key, node));
        }
        if (node.size() != levels) {
            throw refusal(key, "expected one value, or a list of " + levels + ", one for each level");
        }
        return toList(key, node, convert);
    }

    private <T> List<T> toList(String key, JsonNode node, BiFunction<String, JsonNode, T> convert) {
        if (!node.isArray() || node.size() > MAX_LIST) {
            throw refusal(key, "expected a list of at most " + MAX_LIST + " values");
        }
        List<T> list = new ArrayList<>();
        node.forEach(item -> list.add(convert.apply(key, item)));
        return List.copyOf(list);
    }

    private int toInteger(String key, JsonNode node, int min, int max) {
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < min || node.intValue() > max) {
            throw refusal(key, "expected an integer from " + min + " to " + max);
        }
        return node.intValue();
    }

    private double toNumber(String key, JsonNode node) {
        if (!node.isNumber() || !(Math.abs(node.doubleValue()) <= MAX_NUMBER)) {
            throw refusal(key, "expected a finite number of at most " + MAX_NUMBER);
        }
        return node.doubleValue();
    }

    private boolean toFlag(String key, JsonNode node) {
        if (!node.isBoolean()) {
            throw refusal(key, "expected true or false");
        }
        return node.booleanValue();
    }

    private String toText(String key, JsonNode node) {
        if (!node.isString()) {
            throw refusal(key, "expected a string");
        }
        return node.stringValue();
    }

    private static boolean same(JsonNode node, @Nullable Object value) {
        if (value instanceof Number number) {
            return node.isNumber() && node.doubleValue() == number.doubleValue();
        }
        if (value instanceof Boolean flag) {
            return node.isBoolean() && node.booleanValue() == flag;
        }
        return value == null
                ? node.isNull()
                : node.isString() && node.stringValue().equals(value);
    }

    private static List<String> texts(@Nullable Object[] values) {
        return Arrays.stream(values)
                .map(value -> value instanceof String ? "\"" + value + "\"" : String.valueOf(value))
                .toList();
    }
}
