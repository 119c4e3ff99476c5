package org.imagerl.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

class QuotingWriterTest {
    private final StringWriter terminal = new StringWriter();

    @Test
    void noVerbCanPrintWhatATerminalObeys() {
        CliContext session = new CliContext(List.of(), new PrintWriter(terminal), new PrintWriter(terminal));
        session.out().println("a\u001b[2Jb\u009b31mc\rd\u202ee");
        session.out().printf("%s\t%s%n", "x\u0007", "\u00e9\uD83D\uDE00");
        session.err().print('\u001b');
        session.out().flush();
        session.err().flush();
        assertThat(terminal.toString())
                .isEqualToNormalizingNewlines(
                        "a\\u001b[2Jb\\u009b31mc\\u000dd\\u202ee\nx\\u0007\t\u00e9\uD83D\uDE00\n\\u001b");
    }

    @Test
    void aMessageOfAUserErrorIsShortAndWithoutCommands() {
        UserException huge = UserException.input("\u001b]0;title\u0007" + "x".repeat(8_000_000));
        assertThat(huge.getMessage()).hasSizeLessThan(20_000).startsWith("\\u001b]0;title\\u0007xxx");
        assertThat(Failures.report(huge, null, new PrintWriter(terminal))).isEqualTo(2);
        assertThat(terminal.toString()).hasSizeLessThan(20_000).doesNotContain("\u001b");
    }
}
