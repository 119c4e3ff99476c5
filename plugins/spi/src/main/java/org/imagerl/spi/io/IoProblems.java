package org.imagerl.spi.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.imagerl.spi.UserException;
import org.imagerl.spi.UserException.Kind;

/** Turns an error of the operating system about a file into words that say what to do. */
public final class IoProblems {
    /** The JDK has no exception of its own for a full disk: these are the texts of Linux, macOS and Windows. */
    private static final List<String> DISK_FULL =
            List.of("no space left", "disk quota exceeded", "not enough space", "file too large");

    private IoProblems() {}

    /** The exception to throw after a file could not be read. */
    public static UserException reading(Path file, IOException problem) {
        if (problem instanceof NoSuchFileException) {
            return UserException.input(file + ": no such file", problem);
        }
        return new UserException(Kind.ENVIRONMENT, file + ": cannot be read: " + reason(problem), problem);
    }

    /** The exception to throw after a file could not be written. */
    public static UserException writing(Path file, IOException problem) {
        String reason = reason(problem);
        String lower = reason.toLowerCase(Locale.ROOT);
        if (DISK_FULL.stream().anyMatch(lower::contains)) {
            return new UserException(
                    Kind.RESOURCES,
                    file + ": cannot be written: " + reason + "; free some space or write to another disk",
                    problem);
        }
        return new UserException(
                Kind.ENVIRONMENT,
                file + ": cannot be written: " + reason + "; check that the folder exists and may be written to",
                problem);
    }

    private static String reason(IOException problem) {
        if (problem instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (problem instanceof NoSuchFileException) {
            return "its folder is not there";
        }
        String text = problem instanceof FileSystemException system ? system.getReason() : problem.getMessage();
        return text == null ? problem.getClass().getSimpleName() : text;
    }
}
