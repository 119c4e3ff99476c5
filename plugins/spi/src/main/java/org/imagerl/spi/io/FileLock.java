package org.imagerl.spi.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.imagerl.spi.UserException;

/**
 * A lock on a file, for one process at a time. The operating system takes it back when a process dies, and on most systems also when this process
 * closes another channel of the file: it must be a file that nobody reads.
 */
public final class FileLock implements AutoCloseable {
    private final FileChannel channel;

    private FileLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock, and makes the file if it is not there. The number of this process is written into it.
     *
     * @param held what to say if another process has it
     * @throws UserException that says so
     * @throws IOException if the file cannot be written
     */
    public static FileLock take(Path file, String held) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = new FileLock(channel);
        try {
            if (!locked(channel)) {
                throw UserException.input(held);
            }
            channel.truncate(0);
            byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
            channel.write(ByteBuffer.wrap(pid));
            return lock;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) { // this very process has it
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // the lock is gone in any case, and nothing else was at stake
        }
    }
}
