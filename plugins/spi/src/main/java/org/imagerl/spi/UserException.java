package org.imagerl.spi;

import org.imagerl.spi.text.Quote;

/**
 * A mistake that the user can put right: printed without a stack trace. The message names what was wrong, its value and
 * where (file, line, key); the remedy says what to do. Control characters in a message are escaped, and it is cut after 16,000 characters.
 */
public final class UserException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_CHARACTERS = 16_000;

    /** What kind of mistake, and with it the exit code of the command line. */
    public enum Kind {
        /** Usage, configuration or input files. */
        INPUT(2),
        /** The machine: natives, devices, permissions. */
        ENVIRONMENT(3),
        /** Memory or disk ran out. */
        RESOURCES(4);

        private final int exitCode;

        Kind(int exitCode) {
            this.exitCode = exitCode;
        }

        /** The exit code of the process. */
        public int exitCode() {
            return exitCode;
        }
    }

    private final Kind kind;

    public UserException(Kind kind, String message) {
        super(printable(message));
        this.kind = kind;
    }

    public UserException(Kind kind, String message, Throwable cause) {
        super(printable(message), cause);
        this.kind = kind;
    }

    /** Whatever a message quotes of a stranger's file, a terminal finds nothing in it to obey, and a log does not grow by megabytes. */
    private static String printable(String message) {
        boolean cut = message.length() > MAX_CHARACTERS;
        String shown = cut ? message.substring(0, MAX_CHARACTERS) : message;
        return Quote.lines(shown.replace(System.lineSeparator(), "\n"))
                + (cut ? "... (" + message.length() + " characters in all)" : "");
    }

    /** An input mistake, the commonest kind. */
    public static UserException input(String message) {
        return new UserException(Kind.INPUT, message);
    }

    /** An input mistake found while something else failed. */
    public static UserException input(String message, Throwable cause) {
        return new UserException(Kind.INPUT, message, cause);
    }

    /** What kind of mistake this is. */
    public Kind kind() {
        return kind;
    }
}
