package org.imagerl.cli.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Standard output or standard error, with the reason why writing to it failed: Java's writers only tell that a write
 * has failed.
 */
public final class Outlet extends OutputStream {
    private final OutputStream stream;
    private final int number;
    private final BooleanSupplier readerGone;
    private volatile @Nullable IOException failure;

    /**
     * @param stream that takes the bytes
     * @param number of the file descriptor, to see whether it is a pipe
     * @param readerGone whether the other end of the pipe is closed, where that is known without a write
     */
    public Outlet(OutputStream stream, int number, BooleanSupplier readerGone) {
        this.stream = stream;
        this.number = number;
        this.readerGone = readerGone;
    }

    public static Outlet standardOutput() {
        return of(FileDescriptor.out, 1);
    }

    public static Outlet standardError() {
        return of(FileDescriptor.err, 2);
    }

    private static Outlet of(FileDescriptor descriptor, int number) {
        return new Outlet(
                new FileOutputStream(descriptor),
                number,
                isPipe(number) ? new PipeReader(descriptor)::gone : () -> false);
    }

    /** Writes UTF-8; every line is there at once. */
    public PrintWriter writer() {
        return new PrintWriter(new OutputStreamWriter(this, StandardCharsets.UTF_8), true);
    }

    /** Why nothing can be written any more; null if it can. */
    @Nullable
    public IOException failure() {
        return failure;
    }

    /**
     * Whether nobody reads it any more: the other end of the pipe is closed. A write has failed, or the system says so: a training writes its results
     * at its end, and would go on for hours until then.
     */
    public boolean closed() {
        IOException why = failure;
        if (why == null) {
            return readerGone.getAsBoolean();
        }
        return isPipe(number)
                || String.valueOf(why.getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
    }

    /** The system's message is in the user's language, so that it cannot be relied on. A write to a pipe fails for this reason alone. */
    private static boolean isPipe(int number) {
        try {
            String target =
                    Files.readSymbolicLink(Path.of("/proc/self/fd/" + number)).toString();
            return target.startsWith("pipe:") || target.startsWith("socket:");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            stream.write(bytes, offset, length);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    @Override
    public void flush() throws IOException {
        stream.flush();
    }
}
