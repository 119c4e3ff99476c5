package org.imagerl.spi.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.imagerl.spi.Progress;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * A folder that is written into for a while. Missing folders are made where a file is written: work whose folder is moved would go on in two
 * halves, and end well.
 */
public final class HeldFolder {
    private final Path folder;
    /** What it is called in messages. */
    private final Path name;
    /** By which the file system knows it; null where it has no such thing. */
    private final @Nullable Object key;

    private HeldFolder(Path folder, Path name, @Nullable Object key) {
        this.folder = folder;
        this.name = name;
        this.key = key;
    }

    /**
     * Remembers a folder that is there.
     *
     * @throws UserException if it is not
     */
    public static HeldFolder of(Path folder) {
        return of(folder, folder);
    }

    /** The same of a folder under a hidden name, which will be renamed to another. */
    static HeldFolder of(Path folder, Path name) {
        try {
            return new HeldFolder(folder, name, key(folder));
        } catch (IOException e) {
            throw IoProblems.writing(name, e);
        }
    }

    private static @Nullable Object key(Path folder) throws IOException {
        return Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
    }

    /**
     * Makes sure that the same folder lies in its place.
     *
     * @throws UserException if it was moved or deleted meanwhile
     */
    public void requireThere() {
        try {
            if (Objects.equals(key, key(folder))) {
                return;
            }
        } catch (IOException e) {
            // it is not there
        }
        throw new UserException(
                UserException.Kind.ENVIRONMENT,
                name + ": the folder was moved or deleted while it was written into; put it back, or begin again");
    }

    /** The progress of work that writes into the folder: with every step it is looked whether the folder is there. */
    public Progress watching(Progress progress) {
        return new Progress() {
            @Override
            public void update(String stage, long done, long total, String detail) {
                requireThere();
                progress.update(stage, done, total, detail);
            }

            @Override
            public boolean stopped() {
                return progress.stopped();
            }
        };
    }
}
