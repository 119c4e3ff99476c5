package org.imagerl.cli;

import java.io.PrintWriter;
import java.io.Writer;

/** Writers for tests. */
final class Writers {
    private Writers() {}

    static PrintWriter none() {
        return new PrintWriter(Writer.nullWriter());
    }
}
