package org.imagerl.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.imagerl.spi.UserException;

/** Collects what is wrong, to say it all at once. */
public final class Problems {
    /** What is said of a required key that is not there. */
    static final String MISSING = "is missing";

    private static final int MAX_SHOWN = 50;
    /** Of a key or a value that is shown. */
    private static final int MAX_CHARACTERS = 200;

    private final List<Problem> found = new ArrayList<>();

    /**
     * One thing that is wrong.
     *
     * @param path of the key, dots between: {@code rollout.dynamics.eta}; empty for the whole
     * @param value the value as written, or empty where there is none to show
     */
    public record Problem(Origin origin, String path, String message, String value) {
        /** {@code file:line: path: message (value)}. */
        @Override
        public String toString() {
            return origin + ": " + (path.isEmpty() ? "" : shortened(path) + ": ") + message
                    + (value.isEmpty() ? "" : " (" + shortened(value) + ")");
        }

        /** A stranger's file may have a key or a value of a megabyte. */
        private static String shortened(String text) {
            return text.length() <= MAX_CHARACTERS ? text : text.substring(0, MAX_CHARACTERS) + "...";
        }
    }

    /** Adds a problem. */
    public void add(Problem problem) {
        found.add(problem);
    }

    /** Adds a problem of a value. */
    public void add(Origin origin, String path, String message, String value) {
        add(new Problem(origin, path, message, value));
    }

    /** Adds a problem without a value to show. */
    public void add(Origin origin, String path, String message) {
        add(origin, path, message, "");
    }

    /** Whether a key has a problem. */
    public boolean has(String path) {
        return found.stream().anyMatch(problem -> problem.path().equals(path));
    }

    /**
     * Forgets that a key, or one beneath it, is missing: what is wrong with it is said otherwise.
     *
     * @return whether that had been said
     */
    public boolean withoutMissing(String path) {
        return found.removeIf(problem -> problem.message().equals(MISSING)
                && (problem.path().equals(path) || problem.path().startsWith(path + ".")));
    }

    /** Whether nothing is wrong. */
    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** How many there are. */
    public int size() {
        return found.size();
    }

    /** All problems, those of a file in the order of its lines. */
    public List<Problem> sorted() {
        return found.stream()
                .sorted(Comparator.comparing((Problem p) -> p.origin().source())
                        .thenComparing(p -> p.origin().line())
                        .thenComparing(p -> p.origin().column()))
                .toList();
    }

    /** Throws all problems as one error, if there are any; of very many, the first. */
    public void throwIfAny() {
        if (!found.isEmpty()) {
            List<String> lines = new ArrayList<>();
            sorted().stream().limit(MAX_SHOWN).forEach(problem -> lines.add(problem.toString()));
            if (found.size() > MAX_SHOWN) {
                lines.add("and " + (found.size() - MAX_SHOWN) + " more");
            }
            throw UserException.input(String.join(System.lineSeparator(), lines));
        }
    }
}
