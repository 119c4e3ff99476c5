package org.imagerl.training.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.IoProblems;

/** A lock on a file, for one process at a time. The operating system takes it back when a process dies. */
final class FileLock implements AutoCloseable {
    private final FileChannel channel;

    private FileLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock, and makes the file if it is not there. The number of this process is written into it.
     *
     * @param held what to say if another process has it
     * @throws UserException that says so, or that the file cannot be written
     */
    static FileLock take(Path file, String held) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locked(channel)) {
                channel.close();
                throw UserException.input(held);
            }
            channel.truncate(0);
            byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
            channel.write(ByteBuffer.wrap(pid));
            return new FileLock(channel);
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
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
