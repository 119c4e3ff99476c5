package org.imagerl.cli.console;

import java.io.FileDescriptor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Whether the other end of a pipe is closed, without a write to it. Java has no public way to ask, so that this calls what its network channels use
 * of POSIX: {@code poll}, which reports an error of a pipe without readers. By reflection, and only where the launcher has opened that package
 * ({@code --add-opens java.base/sun.nio.ch=ALL-UNNAMED}, for commands that run long); elsewhere a closed pipe is seen when a write fails.
 */
final class PipeReader {
    private static final short NO_EVENTS = 0;
    private static final long AT_ONCE = 0;

    private final FileDescriptor pipe;
    private final @Nullable Method poll;

    PipeReader(FileDescriptor pipe) {
        this.pipe = pipe;
        this.poll = poll();
    }

    private static @Nullable Method poll() {
        try {
            Class<?> net = Class.forName("sun.nio.ch.Net");
            Method method = net.getDeclaredMethod("poll", FileDescriptor.class, int.class, long.class);
            method.setAccessible(true);
            return method;
        } catch (ReflectiveOperationException | InaccessibleObjectException e) {
            return null; // another Java, or one that was not asked to open the package
        }
    }

    /** Whether nobody can read any more; false where that is not known. */
    boolean gone() {
        try {
            // Nothing is waited for: what comes back can only be POLLERR, POLLHUP or POLLNVAL.
            return poll != null && !Integer.valueOf(0).equals(poll.invoke(null, pipe, NO_EVENTS, AT_ONCE));
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
