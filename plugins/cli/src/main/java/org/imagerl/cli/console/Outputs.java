package org.imagerl.cli.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.IoProblems;

/**
 * The places of results: existing files are never overwritten, and a place is known to be writable before long work
 * begins.
 */
public final class Outputs {
    private Outputs() {}

    /**
     * A file that does not exist yet, in a folder that does.
     *
     * @throws UserException naming what is in the way
     */
    public static Path fresh(Path file) {
        if (Files.exists(file)) {
            throw UserException.input(file + ": exists already and is not overwritten; delete it or name another file");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw UserException.input(file + ": its folder does not exist; make it first");
        }
        return file;
    }

    /**
     * A folder that does not exist yet, or is empty.
     *
     * @throws UserException if there is something in it
     */
    public static Path freshFolder(Path folder) {
        if (Files.exists(folder) && !isEmptyFolder(folder)) {
            throw UserException.input(
                    folder + ": exists already and is not overwritten; delete it or name another folder");
        }
        return folder;
    }

    /** Whether a file or folder, which need not be there yet, lies in a folder that is there, by whatever names. */
    public static boolean isWithin(Path file, Path folder) {
        try {
            Path there = file.toAbsolutePath().normalize();
            while (!Files.exists(there)) {
                there = Objects.requireNonNull(there.getParent());
            }
            return there.toRealPath().startsWith(folder.toRealPath());
        } catch (IOException e) {
            throw IoProblems.reading(folder, e);
        }
    }

    /** Makes a folder and those around it. */
    public static void makeFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw IoProblems.writing(folder, e);
        }
    }

    /** The text of a file that is there. */
    public static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    private static boolean isEmptyFolder(Path folder) {
        try (Stream<Path> entries = Folders.entries(folder)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) { // a file, or not readable: nothing to write into
            return false;
        }
    }

    /** {@code scores.csv} to {@code scores.summary.json}. */
    public static Path sibling(Path file, String ending) {
        return file.resolveSibling(stem(file) + ending);
    }

    /** The name of a file without its ending. */
    public static String stem(Path file) {
        return String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", "");
    }

    /** Deletes a file if there is nothing else in its folder: what was refused before it began does not claim it. */
    public static void deleteIfAlone(Path file) {
        if (!Files.exists(file)) {
            return; // its folder was moved
        }
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        try (Stream<Path> entries = Folders.entries(folder)) {
            if (entries.allMatch(entry -> entry.getFileName().equals(file.getFileName()))) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw IoProblems.writing(folder, e);
        }
    }
}
