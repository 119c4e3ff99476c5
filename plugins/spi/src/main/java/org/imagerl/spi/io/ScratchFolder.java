package org.imagerl.spi.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.imagerl.spi.UserException;

/** A fresh folder for work that leaves nothing behind: closing it deletes it with all that is in it; links are deleted, not followed. */
public final class ScratchFolder implements AutoCloseable {
    private static final Set<ScratchFolder> OPEN = ConcurrentHashMap.newKeySet();

    private final Path path;

    private ScratchFolder(Path path) {
        this.path = path;
        OPEN.add(this);
    }

    /** Deletes all that are open, as far as that is possible: for a process that ends without closing what it has. */
    public static void deleteAll() {
        for (ScratchFolder folder : OPEN) {
            try {
                folder.close();
            } catch (UserException | UncheckedIOException e) {
                // somebody may still be writing to it
            }
        }
    }

    /**
     * Makes one in an existing folder.
     *
     * @throws org.imagerl.spi.UserException if that is not possible
     */
    public static ScratchFolder in(Path parent) {
        try {
            return new ScratchFolder(Files.createTempDirectory(parent, "imagerl-"));
        } catch (IOException e) {
            throw IoProblems.writing(parent, e);
        }
    }

    /** Makes one in the system's folder for temporary files. */
    public static ScratchFolder create() {
        return in(Path.of(System.getProperty("java.io.tmpdir", ".")));
    }

    /** The path of the folder. */
    public Path path() {
        return path;
    }

    @Override
    public void close() {
        OPEN.remove(this);
        Folders.delete(path);
    }
}
