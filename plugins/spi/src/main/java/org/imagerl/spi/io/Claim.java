package org.imagerl.spi.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.imagerl.spi.UserException;

/**
 * Keeps a file or folder for this process while it is made or gone on with: a lock on the hidden file {@code .NAME.lock} beside it. Closing it
 * leaves no file, and no folder that was made for it. It is for two commands of one user that were started by mistake: of two that come while a
 * third one ends, both may get it.
 */
public final class Claim implements AutoCloseable {
    private final Path file;
    private final FileLock lock;
    /** Folders that were made for the lock, the innermost first. */
    private final List<Path> made;

    private Claim(Path file, FileLock lock, List<Path> made) {
        this.file = file;
        this.lock = lock;
        this.made = made;
    }

    /**
     * Claims a place, whether something is there or not. Missing folders around it are made.
     *
     * @param held what to say if another process has it
     * @throws UserException that says so, or that nothing can be written there
     */
    public static Claim of(Path target, String held) {
        Path place = target.toAbsolutePath().normalize();
        Path file = place.resolveSibling("." + place.getFileName() + ".lock");
        List<Path> made = new ArrayList<>();
        try {
            make(Objects.requireNonNull(file.getParent()), made);
            return new Claim(file, FileLock.take(file, held), made);
        } catch (IOException e) {
            delete(made);
            throw IoProblems.writing(target, e);
        } catch (UserException e) {
            delete(made);
            throw e;
        }
    }

    private static void make(Path folder, List<Path> made) throws IOException {
        for (Path missing = folder; missing != null && !Files.exists(missing); missing = missing.getParent()) {
            made.add(missing);
        }
        Files.createDirectories(folder);
    }

    private static void delete(List<Path> made) {
        try {
            for (Path folder : made) {
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            // something is in it: what was made, or what another process has put there
        }
    }

    /** Lets others have the place. */
    public void release() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // a hidden file is left, which the next claim uses
        }
        lock.close();
        delete(made);
    }

    @Override
    public void close() {
        release();
    }
}
