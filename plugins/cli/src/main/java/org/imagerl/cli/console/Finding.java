package org.imagerl.cli.console;

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
public record Finding(Status status, String subject, String found, String remedy) {

    /** What to see to where a native library does not load. */
    public static final String UNPACKED =
            "natives are unpacked to ~/.djl.ai (or DJL_CACHE_DIR) and ~/.cache/imagerl (or IMAGERL_CACHE_DIR): they"
                    + " must be writable and not mounted noexec; they need glibc 2.28 or newer, not musl";

    /** The severity of a finding. */
    public enum Status {
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

    public static Finding ok(String subject, String found) {
        return new Finding(Status.OK, subject, found, "");
    }

    public static Finding warning(String subject, String found, String remedy) {
        return new Finding(Status.WARNING, subject, found, remedy);
    }

    public static Finding broken(String subject, String found, String remedy) {
        return new Finding(Status.BROKEN, subject, found, remedy);
    }

    /** Something threw: its first line. */
    public static Finding broken(String subject, Throwable failure, String remedy) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage()).lines().findFirst().orElse("");
        return broken(subject, root.getClass().getSimpleName() + ": " + message, remedy);
    }

    public void print(PrintWriter out) {
        out.printf(Locale.ROOT, "%-8s %-12s %s%n", status.word, subject, found);
        if (!remedy.isEmpty()) {
            out.printf(Locale.ROOT, "%-8s %-12s -> %s%n", "", "", remedy);
        }
        out.flush();
    }
}
