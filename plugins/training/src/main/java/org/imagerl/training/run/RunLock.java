package org.imagerl.training.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.spi.io.FileLock;
import org.imagerl.spi.io.IoProblems;

/** Keeps two processes from writing into one run. */
final class RunLock implements AutoCloseable {
    private final Path file;
    private final FileLock lock;

    private RunLock(Path file, FileLock lock) {
        this.file = file;
        this.lock = lock;
    }

    /** Takes the lock of a run's folder; throws if someone has it. */
    static RunLock take(Path folder) {
        Path file = folder.resolve("lock");
        String held = folder + ": another process is working on this run (its number is in the file lock); wait for it";
        try {
            return new RunLock(file, FileLock.take(file, held));
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }

    /** Whether the lock lies where it was taken; not so if the folder was moved or deleted meanwhile. */
    boolean isThere() {
        return Files.exists(file);
    }

    @Override
    public void close() {
        lock.close();
    }
}
