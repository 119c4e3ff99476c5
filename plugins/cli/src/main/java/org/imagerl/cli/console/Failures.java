package org.imagerl.cli.console;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.spi.work.Memory;
import org.imagerl.spi.work.OutOfMemory;
import org.jspecify.annotations.Nullable;

/** Turns a failure into a message for the user and an exit code. */
public final class Failures {
    private static final List<String> DISK_FULL = List.of("no space left", "not enough space", "quota exceeded");

    /** What DJL says where it would have to download. */
    private static final List<String> DJL_IS_OFFLINE = List.of("offline mode is enabled");

    private Failures() {}

    /** Prints the failure of a verb. */
    public static int report(Throwable failure, @Nullable Object verb, PrintWriter err) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UserException e) {
                err.println("imagerl: " + Quote.lines(String.valueOf(e.getMessage())));
                return e.kind().exitCode();
            }
            if (OutOfMemory.is(cause)) {
                return outOfMemory(cause, verb, err);
            }
            if (cause instanceof IOException && says(cause, DISK_FULL)) {
                err.println("imagerl: the disk is full (" + Quote.lines(String.valueOf(cause.getMessage()))
                        + "); free some space and try again");
                return ExitCode.RESOURCES;
            }
            if (cause instanceof IOException && says(cause, DJL_IS_OFFLINE)) {
                err.println(
                        "imagerl: a native library is not on this machine, and nothing is downloaded without a yes");
                err.println("  imagerl doctor says which, and how to get it");
                return ExitCode.ENVIRONMENT;
            }
            if (cause instanceof LinkageError) {
                err.println("imagerl: a library cannot be loaded: " + cause);
                err.println("  imagerl doctor says which, and what to do");
                return ExitCode.ENVIRONMENT;
            }
        }
        err.println("imagerl: this should not have happened; please report it with these lines (imagerl "
                + Version.current() + ", Java " + System.getProperty("java.version") + ", "
                + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ")");
        failure.printStackTrace(err);
        return ExitCode.INTERNAL;
    }

    private static boolean says(Throwable cause, List<String> words) {
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return words.stream().anyMatch(message::contains);
    }

    private static int outOfMemory(Throwable cause, @Nullable Object verb, PrintWriter err) {
        err.println("imagerl: memory ran out: " + firstLine(cause));
        long resident = Memory.residentBytes();
        if (resident > 0) {
            err.println("  this process held " + Memory.gigabytes(resident) + "; of the machine's memory "
                    + Memory.gigabytes(Memory.availableBytes()) + " were free");
        }
        if (cause instanceof OutOfMemoryError) {
            err.println("  the Java heap is limited to "
                    + Memory.gigabytes(Runtime.getRuntime().maxMemory()) + "; raise it with IMAGERL_JAVA_OPTS=-Xmx4g");
        }
        if (verb instanceof UsesMemory lowers) {
            err.println("  lower, in this order:");
            lowers.memoryAdvice().forEach(line -> err.println("    " + line));
        }
        return ExitCode.RESOURCES;
    }

    /** Engine messages go on with C++ stack frames. */
    private static String firstLine(Throwable cause) {
        return Quote.plain(
                String.valueOf(cause.getMessage()).lines().findFirst().orElse(""));
    }
}
