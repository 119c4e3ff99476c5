package org.imagerl.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** One call of the command line, and what came of it. */
public record Run(int code, String out, String err) {

    public static Run of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(args, new PrintWriter(out), new PrintWriter(err));
        return new Run(code, out.toString(), err.toString());
    }
}
