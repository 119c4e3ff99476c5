package org.imagerl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Outlet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class OutletTest {
    private static final int NO_DESCRIPTOR = 999_999;

    private static Outlet open() {
        return new Outlet(new ByteArrayOutputStream(), NO_DESCRIPTOR, () -> false);
    }

    private static Outlet closed() throws IOException {
        PipedInputStream reader = new PipedInputStream();
        PipedOutputStream writer = new PipedOutputStream(reader);
        reader.close(); // then a write says: Pipe closed
        return new Outlet(writer, NO_DESCRIPTOR, () -> false);
    }

    private static Outlet full() {
        return new Outlet(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("No space left on device");
                    }
                },
                NO_DESCRIPTOR,
                () -> false);
    }

    @Test
    void writesUtf8LineByLine() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new Outlet(bytes, NO_DESCRIPTOR, () -> false).writer().println("größer 图");
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("größer 图" + System.lineSeparator());
    }

    @Test
    void aCommandWhoseResultsNobodyReadsEndsAsByABrokenPipe() throws IOException {
        assertThat(Main.run(new String[] {"version"}, closed(), open())).isEqualTo(ExitCode.UNREAD);
        assertThat(Main.run(new String[] {"version"}, open(), closed())).isEqualTo(ExitCode.OK);
    }

    @Test
    void aCommandWhoseResultsAreNotWrittenFails() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        assertThat(Main.run(new String[] {"version"}, full(), new Outlet(err, NO_DESCRIPTOR, () -> false)))
                .isEqualTo(ExitCode.RESOURCES);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("No space left on device");
    }

    @Test
    void longWorkThatNobodyReadsIsAskedToStop() throws IOException {
        Outlet err = closed();
        CliContext session = new CliContext(List.of("train"), Writers.none(), err.writer());
        session.watch(open(), err);
        int code = session.runLong("go on", progress -> {
            assertThat(progress.stopped()).isFalse();
            progress.update("epoch", 1, 9, "reward 0.5");
            return progress.stopped() ? ExitCode.INTERRUPTED : ExitCode.OK;
        });
        assertThat(code).isEqualTo(ExitCode.UNREAD);
    }

    /** What the test below runs in another process: ends when the reader of its standard output has gone. */
    static final class UntilNobodyReads {
        private UntilNobodyReads() {}

        /** Says how it begins on standard error, and never writes to standard output. */
        public static void main(String[] args) throws InterruptedException {
            Outlet results = Outlet.standardOutput();
            System.err.println(results.closed() ? "closed" : "open");
            while (!results.closed()) {
                Thread.sleep(10);
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aReaderThatHasGoneIsNoticedWithoutAWrite() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        UntilNobodyReads.class.getName())
                .start();
        try (BufferedReader said = process.errorReader()) {
            assertThat(said.readLine()).isEqualTo("open");
            process.getInputStream().close();
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void longWorkWhoseReportNobodyWillReadIsAskedToStopBeforeItWrites() {
        AtomicBoolean gone = new AtomicBoolean();
        Outlet results = new Outlet(new ByteArrayOutputStream(), NO_DESCRIPTOR, gone::get);
        CliContext session = new CliContext(List.of("train"), results.writer(), Writers.none());
        session.watch(results, open());
        int code = session.runLong("go on", progress -> {
            progress.update("epoch", 1, 9, "reward 0.5");
            assertThat(progress.stopped()).isFalse();
            gone.set(true);
            return progress.stopped() ? ExitCode.INTERRUPTED : ExitCode.OK;
        });
        assertThat(code).isEqualTo(ExitCode.UNREAD);
    }

    @Test
    void anErrorOnAThreadThatNobodyWaitsForStopsTheWork() {
        Outlet err = open();
        CliContext session = new CliContext(List.of("serve-rewards"), Writers.none(), err.writer());
        int code = session.runLong("go on", progress -> {
            session.failedBeside(new OutOfMemoryError("Java heap space"));
            return progress.stopped() ? ExitCode.OK : ExitCode.INTERNAL;
        });
        assertThat(session.ended(code)).isEqualTo(ExitCode.RESOURCES);
    }
}
