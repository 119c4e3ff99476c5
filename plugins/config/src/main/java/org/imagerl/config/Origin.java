package org.imagerl.config;

/**
 * Where a value is from.
 *
 * @param source a file name, {@code default}, {@code preset NAME}, or an option with its value, {@code --set KEY=VALUE}
 * @param line from 1; 0 where there are no lines
 * @param column from 1; 0 where there are no columns
 */
public record Origin(String source, int line, int column) {

    /** The value that a key has if nobody sets it. */
    public static final Origin DEFAULT = new Origin("default", 0, 0);

    private static final String PRESET = "preset ";
    private static final String OPTION = "--";

    /** The parts of a named algorithm. */
    public static Origin preset(String name) {
        return of(PRESET + name);
    }

    /** A place without lines. */
    public static Origin of(String source) {
        return new Origin(source, 0, 0);
    }

    /** The layer that the place belongs to, upwards from 0: default, preset, file, option. */
    int layer() {
        if (equals(DEFAULT)) {
            return 0;
        }
        return source.startsWith(PRESET) ? 1 : source.startsWith(OPTION) ? 3 : 2;
    }

    /** {@code file:line}, or only the source. */
    @Override
    public String toString() {
        return line == 0 ? source : source + ":" + line;
    }
}
