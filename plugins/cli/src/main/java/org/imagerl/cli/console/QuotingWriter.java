package org.imagerl.cli.console;

import java.io.IOException;
import java.io.Writer;
import org.imagerl.spi.text.Quote;

/**
 * The border to the terminal: whatever a verb prints, control characters do not pass. A file of a stranger can hold some in any name or text, and a
 * terminal obeys them.
 */
final class QuotingWriter extends Writer {
    private final Writer to;

    QuotingWriter(Writer to) {
        this.to = to;
    }

    @Override
    public void write(char[] characters, int from, int length) throws IOException {
        write(new String(characters, from, length), 0, length);
    }

    @Override
    public void write(String text, int from, int length) throws IOException {
        String lines = text.substring(from, from + length).replace(System.lineSeparator(), "\n");
        to.write(Quote.lines(lines).replace("\n", System.lineSeparator()));
    }

    @Override
    public void flush() throws IOException {
        to.flush();
    }

    @Override
    public void close() throws IOException {
        to.close();
    }
}
