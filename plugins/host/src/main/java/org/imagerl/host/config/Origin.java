package org.imagerl.host.config;

/**
 * Where a value is from.
 *
 * @param source a file name, {@code default}, {@code preset NAME} or {@code --set KEY=VALUE}
 * @param line from 1; 0 where there are no lines
 * @param column from 1; 0 where there are no columns
 */
public record Origin(String source, int line, int column) {

    /** The value that a key has if nobody sets it. */
    public static final Origin DEFAULT = new Origin("default", 0, 0);

    /** A place without lines. */
    public static Origin of(String source) {
        return new Origin(source, 0, 0);
    }

    /** {@code file:line}, or only the source. */
    @Override
    public String toString() {
        return line == 0 ? source : source + ":" + line;
    }
}
