package org.imagerl.ui;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.FolderListing;
import org.imagerl.spi.io.IoProblems;

/**
 * A folder of a stranger, of which only what really lies in it is read: links that lead out of it are refused.
 *
 * @param root without links
 */
record OwnFolder(Path root) {

    /**
     * A folder that the user named, which may be a link.
     *
     * @throws UserException if it is not there
     */
    static OwnFolder of(Path folder) {
        try {
            return new OwnFolder(folder.toRealPath());
        } catch (IOException e) {
            throw IoProblems.reading(folder, e);
        }
    }

    /**
     * What lies at a place in the folder; empty if nothing does.
     *
     * @throws UserException if a link there leads out of the folder
     */
    Optional<Path> find(String... names) {
        Path at = root;
        try {
            for (String name : names) {
                at = at.resolve(name);
            }
            if (!Files.exists(at)) {
                return Optional.empty();
            }
            Path real = at.toRealPath();
            if (real.startsWith(root)) {
                return Optional.of(real);
            }
        } catch (InvalidPathException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw IoProblems.reading(at, e);
        }
        throw UserException.input(at + ": is a link that leads out of " + root + ", so it is not shown; copy what it"
                + " names into the folder");
    }

    /** The same as a folder of its own, out of which nothing leads. */
    Optional<OwnFolder> folder(String... names) {
        return find(names).filter(Files::isDirectory).map(OwnFolder::new);
    }

    /** The names in it, in their natural order. */
    List<String> names() {
        return FolderListing.of(root).stream()
                .map(entry -> String.valueOf(entry.getFileName()))
                .toList();
    }
}
