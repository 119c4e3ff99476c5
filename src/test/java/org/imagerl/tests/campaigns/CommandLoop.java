package org.imagerl.tests.campaigns;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.imagerl.tests.Said;

/**
 * Runs command lines of imagerl one after another in one process, so that a campaign of hundreds does not start as many virtual machines. Reads a line
 * per command, its words parted by tabs; answers a line each: exit code, tab, the end of what was said.
 */
public final class CommandLoop {
    private static final int SHOWN = 1500;

    private CommandLoop() {}

    /** Ends with the input. */
    public static void main(String[] args) throws IOException {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            Said said = Said.by((Object[]) line.split("\t", -1));
            String text = said.err() + said.out();
            answers.println(said.code() + "\t"
                    + text.substring(0, Math.min(SHOWN, text.length())).replace("\n", " | "));
        }
    }
}
