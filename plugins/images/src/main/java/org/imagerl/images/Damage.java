package org.imagerl.images;

import java.io.EOFException;
import java.io.UncheckedIOException;
import org.imagerl.spi.UserException;

/** What is wrong with a damaged image, in words for a user who has the file, but not the source code of a decoder. */
final class Damage {
    private Damage() {}

    /** The innermost message of a failure; one of Java itself, which says how a decoder fell over it, is put into words. */
    static String of(Throwable failure) {
        String reason = "";
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String own = own(cause);
            reason = own.isEmpty() ? reason : own; // the outer ones of ImageIO say only that reading failed
        }
        return reason.isEmpty() ? "its content is damaged" : reason;
    }

    private static String own(Throwable failure) {
        if (failure instanceof EOFException) {
            return "the file ends too early";
        }
        boolean ofJava = failure instanceof RuntimeException
                && !(failure instanceof UserException)
                && !(failure instanceof UncheckedIOException);
        String message = failure.getMessage();
        return ofJava ? "its content is damaged" : message == null ? "" : message;
    }
}
