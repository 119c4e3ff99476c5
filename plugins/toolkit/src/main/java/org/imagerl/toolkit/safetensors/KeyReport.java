package org.imagerl.toolkit.safetensors;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;
import org.imagerl.spi.text.Quote;

/**
 * The tensors a model needs beside those that a file has.
 *
 * @param where the file or folder, for messages
 * @param missing needed and not there
 * @param unexpected there and not needed, each with the needed name it was probably meant to be
 * @param misshapen there in another shape than needed
 */
public record KeyReport(String where, List<String> missing, List<String> unexpected, List<String> misshapen) {
    private static final int MAX_LISTED = 20;

    /**
     * Compares names and shapes.
     *
     * @param where the file or folder, for messages
     * @param expected name to shape, as the configuration of the model has them
     * @param found name to shape, as the file has them
     */
    public static KeyReport compare(String where, Map<String, Shape> expected, Map<String, Shape> found) {
        List<String> missing = without(expected.keySet(), found);
        List<String> unexpected = without(found.keySet(), expected);
        List<String> misshapen = expected.entrySet().stream()
                .filter(need -> found.containsKey(need.getKey()))
                .filter(need -> !need.getValue().equals(found.get(need.getKey())))
                .map(need -> Quote.of(need.getKey()) + ": " + found.get(need.getKey()) + " in the file, "
                        + need.getValue() + " by the configuration")
                .toList();
        // A wrong name stands for one of the missing ones, if there are any.
        Collection<String> candidates = missing.isEmpty() ? expected.keySet() : missing;
        return new KeyReport(
                where,
                listed(missing, Quote::of),
                listed(unexpected, name -> Quote.of(name) + Nearest.hint(name, candidates)),
                listed(misshapen, Function.identity()));
    }

    /**
     * Compares names and shapes, and does not let a difference pass.
     *
     * @throws UserException one for all differences, each by its name
     */
    public static void check(String where, Map<String, Shape> expected, Map<String, Shape> found) {
        KeyReport report = compare(where, expected, found);
        if (!report.clean()) {
            throw UserException.input(report.message());
        }
    }

    /** Whether there is no difference. */
    public boolean clean() {
        return missing.isEmpty() && unexpected.isEmpty() && misshapen.isEmpty();
    }

    /** All differences, a line each. */
    public String message() {
        return message(
                "the tensors are not those of the model that the configuration describes",
                "put weights and configuration (config.json) of one model or training together, or get both again");
    }

    /** All differences, a line each, where another thing than a configuration is wrong. */
    public String message(String what, String remedy) {
        return where + ": " + what + section("missing", missing) + section("unexpected", unexpected)
                + section("of the wrong shape", misshapen) + "\n  remedy: " + remedy;
    }

    private static List<String> without(Collection<String> names, Map<String, Shape> others) {
        return names.stream().filter(name -> !others.containsKey(name)).sorted().toList();
    }

    private static List<String> listed(List<String> names, Function<String, String> line) {
        List<String> lines =
                names.stream().limit(MAX_LISTED).map(line).collect(Collectors.toCollection(ArrayList::new));
        if (names.size() > MAX_LISTED) {
            lines.add("and " + (names.size() - MAX_LISTED) + " more");
        }
        return List.copyOf(lines);
    }

    private static String section(String title, List<String> lines) {
        return lines.stream().map(line -> "\n  " + title + ": " + line).collect(Collectors.joining());
    }
}
