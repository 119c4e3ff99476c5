package org.imagerl.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.spi.UserException;

/** Where results go: never over what is there, and known to be writable before long work begins. */
final class Outputs {
    private Outputs() {}

    /**
     * A file that does not exist yet, in a folder that does.
     *
     * @throws UserException naming what is in the way
     */
    static Path fresh(Path file) {
        if (Files.exists(file)) {
            throw UserException.input(file + ": exists already and is not overwritten; delete it or name another file");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw UserException.input(file + ": its folder does not exist; make it first");
        }
        return file;
    }

    /** {@code scores.csv} to {@code scores.summary.json}. */
    static Path sibling(Path file, String ending) {
        String name = String.valueOf(file.getFileName());
        return file.resolveSibling(name.replaceFirst("\\.[^.]*$", "") + ending);
    }
}
