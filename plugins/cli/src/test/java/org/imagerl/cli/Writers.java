package org.imagerl.cli;

import java.io.PrintWriter;
import java.io.Writer;

/** Writers for tests. */
public final class Writers {
    private Writers() {}

    public static PrintWriter none() {
        return new PrintWriter(Writer.nullWriter());
    }
}
