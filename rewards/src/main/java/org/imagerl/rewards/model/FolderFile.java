package org.imagerl.rewards.model;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.text.Quote;

/**
 * Files that a manifest names. A manifest comes with the model, from a stranger; so its names must stay in the folder:
 * no absolute paths, no way up, no links that leave it. Links of Hugging Face's cache from a snapshot to its blobs are
 * no way out.
 */
final class FolderFile {
    private FolderFile() {}

    /**
     * The path of a name in a folder, whether there is such a file or not.
     *
     * @param key of the manifest, for messages: {@code files.model}
     * @throws UserException if the name leads out of the folder
     */
    static Path resolve(Path folder, String name, String key) {
        try {
            Path path = Path.of(name);
            if (!name.isBlank() && !path.isAbsolute() && !path.normalize().startsWith("..")) {
                return folder.resolve(path);
            }
        } catch (InvalidPathException e) {
            throw refused(folder, name, key, "is no name of a file");
        }
        throw refused(folder, name, key, "must be a file in this folder");
    }

    /**
     * Makes sure that a file may be opened.
     *
     * @throws UserException if it is absent, no regular file, or a link that leads out of the folder
     */
    static void require(Path folder, Path file, String key) {
        BoundedFile.requireRegular(file);
        try {
            Path home = folder.toRealPath();
            Path real = file.toRealPath();
            if (!real.startsWith(home) && !inCache(home, real)) {
                throw refused(
                        folder,
                        folder.relativize(file).toString(),
                        key,
                        "is a link out of this folder; put the file there itself");
            }
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    /** {@code models--a--b/snapshots/REVISION/model.onnx} is a link to {@code models--a--b/blobs/HASH}. */
    private static boolean inCache(Path home, Path real) {
        for (Path at = home; at.getParent() != null; at = at.getParent()) {
            if (at.getParent().endsWith("snapshots")) {
                Path repository = at.getParent().getParent();
                return repository != null && real.startsWith(repository.resolve("blobs"));
            }
        }
        return false;
    }

    private static UserException refused(Path folder, String name, String key, String what) {
        return UserException.input(folder + ": " + key + " is " + Quote.of(name) + ", which " + what);
    }
}
