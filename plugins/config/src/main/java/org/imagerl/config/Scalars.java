package org.imagerl.config;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.io.Nearest;
import org.jspecify.annotations.Nullable;

/** Single values to Java's types, without any conversion that loses something. */
final class Scalars {
    private Scalars() {}

    /**
     * The value, or {@link Binder#FAILED} with a problem.
     *
     * @param also what else the value may be, for the message: {@code ", or auto"}
     */
    static Object bind(Class<?> type, Node node, String path, Problems problems, String also) {
        Object value = node instanceof Node.Scalar scalar ? convert(type, scalar.value()) : null;
        if (value == null && type.isEnum() && node instanceof Node.Scalar scalar) {
            value = FormerKeys.constant(type, scalar, path);
        }
        if (value != null) {
            return value;
        }
        String message = "must be " + expected(type) + size(type, node) + also
                + (node instanceof Node.Scalar ? "" : ", not " + node.kind());
        if (node instanceof Node.Scalar scalar) {
            message +=
                    type.isEnum() ? Nearest.hint(scalar.text(), constants(type).keySet()) : "";
            message += type == String.class && scalar.value() != null ? "; put it in quotes" : "";
        }
        problems.add(node.origin(), path, message, node instanceof Node.Scalar scalar ? scalar.text() : "");
        return Binder.FAILED;
    }

    private static @Nullable Object convert(Class<?> type, @Nullable Object value) {
        if (type == String.class || type == boolean.class || type == Boolean.class) {
            Class<?> wanted = type == String.class ? String.class : Boolean.class;
            return wanted.isInstance(value) ? value : null;
        }
        if (type.isEnum()) {
            return value == null ? null : constants(type).get(value.toString());
        }
        return value instanceof Number number ? number(type, number) : null;
    }

    private static @Nullable Object number(Class<?> type, Number number) {
        if (type == double.class || type == Double.class) {
            return Double.isFinite(number.doubleValue()) ? number.doubleValue() : null;
        }
        if (type == float.class || type == Float.class) {
            return Float.isFinite(number.floatValue()) ? number.floatValue() : null;
        }
        if (!(number instanceof BigInteger whole)) {
            return null;
        }
        if (type == int.class || type == Integer.class) {
            return whole.bitLength() < Integer.SIZE ? whole.intValue() : null;
        }
        if (type == long.class || type == Long.class) {
            return whole.bitLength() < Long.SIZE ? whole.longValue() : null;
        }
        throw new IllegalStateException(type + " is no type of a configuration");
    }

    /** What a value of the type is, in words. */
    static String expected(Class<?> type) {
        if (type.isEnum()) {
            return "one of " + String.join(", ", constants(type).keySet());
        }
        return switch (type.getSimpleName().toLowerCase(Locale.ROOT)) {
            case "string" -> "a text";
            case "boolean" -> "true or false";
            case "int", "integer", "long" -> "a whole number";
            default -> "a number";
        };
    }

    /** Whole numbers are refused for their size alone. */
    private static String size(Class<?> type, Node node) {
        boolean whole = node instanceof Node.Scalar scalar && scalar.value() instanceof BigInteger;
        return whole && expected(type).equals("a whole number")
                ? " of at most " + (type == int.class || type == Integer.class ? Integer.SIZE : Long.SIZE) + " bits"
                : "";
    }

    /** What a name of a constant of an enum is in YAML and JSON: the text, or true or false. */
    static Object literal(String name) {
        return name.equals("true") || name.equals("false") ? (Object) Boolean.valueOf(name) : name;
    }

    /** The constants of an enum by their names in files. */
    static Map<String, Enum<?>> constants(Class<?> type) {
        Map<String, Enum<?>> constants = new TreeMap<>();
        for (Object constant : type.getEnumConstants()) {
            constants.put(Words.kebab((Enum<?>) constant), (Enum<?>) constant);
        }
        return constants;
    }

    /** Whether a number (or each of a list of numbers) is within the bounds; if not, with a problem, which says what else may stand there. */
    static boolean within(Range range, @Nullable Object value, Node node, String path, Problems problems, String also) {
        List<?> numbers = value instanceof List<?> list ? list : List.of(String.valueOf(value));
        boolean within = numbers.stream().allMatch(number -> within(range, Double.parseDouble(number.toString())));
        if (!within) {
            String text = node instanceof Node.Scalar scalar ? scalar.text() : numbers.toString();
            problems.add(node.origin(), path, "must be " + words(range) + also, text);
        }
        return within;
    }

    private static boolean within(Range range, double value) {
        boolean low = range.above() ? value > range.min() : value >= range.min();
        boolean high = range.below() ? value < range.max() : value <= range.max();
        return low && high;
    }

    /** The bounds in words: {@code above 0 and at most 1}. */
    static String words(Range range) {
        String low = (range.above() ? "above " : "at least ") + plain(range.min());
        String high = (range.below() ? "below " : "at most ") + plain(range.max());
        if (range.max() == Double.POSITIVE_INFINITY) {
            return low;
        }
        return range.min() == Double.NEGATIVE_INFINITY ? high : low + " and " + high;
    }

    private static String plain(double bound) {
        return bound == Math.rint(bound) && Math.abs(bound) < 1e15
                ? Long.toString((long) bound)
                : Double.toString(bound);
    }
}
