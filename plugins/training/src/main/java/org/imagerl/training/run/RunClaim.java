package org.imagerl.training.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.IoProblems;

/**
 * Keeps the name of a run from others while what it needs is loaded, which may take minutes: its folder is made only when nothing is wrong. It is
 * a lock on the hidden file {@code .NAME.lock} beside the place of the folder. Closing it leaves no file, and no folder that was made for it.
 */
public final class RunClaim implements AutoCloseable {
    private final Path file;
    private final FileLock lock;
    /** Folders that were made for the lock, the innermost first. */
    private final Deque<Path> made;

    private RunClaim(Path file, FileLock lock, Deque<Path> made) {
        this.file = file;
        this.lock = lock;
        this.made = made;
    }

    /**
     * Claims the place of a new run.
     *
     * @throws UserException if there is a run already, another process is starting one there, or nothing can be written there
     */
    public static RunClaim of(Path run) {
        RunFolder.refuseExisting(run);
        Path file = run.resolveSibling("." + run.getFileName() + ".lock");
        Deque<Path> made = new ArrayDeque<>();
        try {
            make(Objects.requireNonNull(file.toAbsolutePath().getParent()), made);
            FileLock lock = FileLock.take(
                    file,
                    run + ": another process is starting a run of this name at this moment; take another name (--set"
                            + " run.name=NAME)");
            return checked(run, new RunClaim(file, lock, made));
        } catch (RuntimeException e) {
            delete(made);
            throw e;
        }
    }

    /** The other process may have made the folder between the first look and the lock. */
    private static RunClaim checked(Path run, RunClaim claim) {
        try {
            RunFolder.refuseExisting(run);
            return claim;
        } catch (UserException e) {
            claim.close();
            throw e;
        }
    }

    private static void make(Path folder, Deque<Path> made) {
        for (Path missing = folder; missing != null && !Files.exists(missing); missing = missing.getParent()) {
            made.addLast(missing);
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw IoProblems.writing(folder, e);
        }
    }

    private static void delete(Deque<Path> made) {
        try {
            for (Path folder : made) {
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            // something is in it: the run, or what another process has put there
        }
    }

    @Override
    public void close() {
        release();
    }

    /** Lets others have the name, or meet the folder that is there now. */
    public void release() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // an empty hidden file is left, which the next run of this name uses
        }
        lock.close();
        delete(made);
    }
}
