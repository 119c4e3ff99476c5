package org.imagerl.tests;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import org.imagerl.cli.Main;

/**
 * What a command line of imagerl said.
 *
 * @param code exit code
 */
public record Said(int code, String out, String err) {

    /** Runs a command line in this process. */
    public static Said by(Object... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = Arrays.stream(words).map(String::valueOf).toArray(String[]::new);
        int code = Main.run(texts, new PrintWriter(out), new PrintWriter(err));
        return new Said(code, out.toString(), err.toString());
    }
}
