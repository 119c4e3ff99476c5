package org.imagerl.cli;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * What {@code doctor} found out about one thing.
 *
 * @param status how it is
 * @param subject what was looked at, in a word or two
 * @param found what there is, one line
 * @param remedy what to do, one line; empty if nothing
 */
record Finding(Status status, String subject, String found, String remedy) {

    /** How bad it is. */
    enum Status {
        OK("ok"),
        /** Works, but not as well as it could, or not for everything. */
        WARNING("warning"),
        /** Something that is needed does not work. */
        BROKEN("BROKEN");

        private final String word;

        Status(String word) {
            this.word = word;
        }
    }

    static Finding ok(String subject, String found) {
        return new Finding(Status.OK, subject, found, "");
    }

    static Finding warning(String subject, String found, String remedy) {
        return new Finding(Status.WARNING, subject, found, remedy);
    }

    static Finding broken(String subject, String found, String remedy) {
        return new Finding(Status.BROKEN, subject, found, remedy);
    }

    /** Something threw: its first line. */
    static Finding broken(String subject, Throwable failure, String remedy) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage()).lines().findFirst().orElse("");
        return broken(subject, root.getClass().getSimpleName() + ": " + message, remedy);
    }

    void print(PrintWriter out) {
        out.printf(Locale.ROOT, "%-8s %-12s %s%n", status.word, subject, found);
        if (!remedy.isEmpty()) {
            out.printf(Locale.ROOT, "%-8s %-12s -> %s%n", "", "", remedy);
        }
        out.flush();
    }
}
