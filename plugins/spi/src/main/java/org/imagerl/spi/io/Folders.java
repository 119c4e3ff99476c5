package org.imagerl.spi.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;

/** Folders that are there whole or not at all. */
public final class Folders {
    private static final String TEMPORARY = ".tmp";

    private Folders() {}

    /** Fills a folder. */
    @FunctionalInterface
    public interface Writer {
        /** Writes all that is to be in it. */
        void fill(Path folder) throws IOException;
    }

    /** A path for files and archives that travel: with slashes on all systems. A backslash that belongs to a name, as it may outside Windows, stays. */
    public static String slashed(Path path) {
        return path.toString().replace(path.getFileSystem().getSeparator(), "/");
    }

    /**
     * Fills a folder beside its place and then renames it into place; an older one is replaced. If the writer fails, nothing
     * is left and an older folder is as it was.
     *
     * @param writer fills the folder that it is given
     * @throws UserException if the file system fails
     */
    public static void publish(Path target, Writer writer) {
        Path old = Unfinished.beside(target);
        try {
            make(target, writer, beside -> {
                if (Files.exists(target)) {
                    Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
                }
                Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
            });
        } finally {
            deleteIfPossible(old);
        }
    }

    /**
     * The same, but a folder that is there already is an error.
     *
     * @throws UserException that says so, also if another process made it at the same moment
     */
    public static void create(Path target, Writer writer) {
        make(target, writer, beside -> {
            try {
                Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                if (Files.exists(target)) { // a folder is never renamed over one that holds something
                    throw UserException.input(
                            target + ": is taken: another process made it a moment ago; take another name", e);
                }
                throw e;
            }
        });
    }

    private static void make(Path target, Writer writer, Writer placement) {
        Path beside = Unfinished.beside(target);
        try {
            Files.createDirectories(beside);
            HeldFolder held = HeldFolder.of(beside, target);
            writer.fill(beside);
            held.requireThere();
            AtomicFile.forceFolder(beside);
            placement.fill(beside);
            AtomicFile.forceFolder(target.resolveSibling("."));
        } catch (IOException e) {
            throw IoProblems.writing(target, e);
        } finally {
            deleteIfPossible(beside);
        }
    }

    /**
     * The entries of a folder in no order, to be closed. {@link Files#list} opens whatever has the name: on a pipe it waits for ever.
     *
     * @throws NotDirectoryException if it is no folder
     */
    @SuppressWarnings("StreamResourceLeak") // the caller closes it
    public static Stream<Path> entries(Path folder) throws IOException {
        if (!Files.readAttributes(folder, BasicFileAttributes.class).isDirectory()) {
            throw new NotDirectoryException(folder.toString());
        }
        return Files.list(folder);
    }

    /** The entries of a folder by name, without temporary ones; none if there is no such folder. */
    public static List<Path> list(Path folder) {
        try (Stream<Path> entries = entries(folder)) {
            return entries.filter(entry -> !isTemporary(entry)).sorted().toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw IoProblems.writing(folder, e);
        }
    }

    /** All regular files in a folder and its folders, by path. */
    public static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw IoProblems.writing(folder, e);
        }
    }

    /** Deletes what a process that was killed had not finished. */
    public static void deleteTemporary(Path folder) {
        try (Stream<Path> entries = entries(folder)) {
            entries.filter(Folders::isTemporary).toList().forEach(Folders::delete);
        } catch (NoSuchFileException e) {
            // nothing was ever written there
        } catch (IOException e) {
            throw IoProblems.writing(folder, e);
        }
    }

    private static boolean isTemporary(Path path) {
        String name = String.valueOf(path.getFileName());
        return name.startsWith(".") && name.endsWith(TEMPORARY);
    }

    /**
     * Deletes a folder with all in it, if it is there. Links are deleted, not followed.
     *
     * @throws UserException if something in it cannot be deleted
     */
    public static void delete(Path folder) {
        try {
            deleteTree(folder);
        } catch (IOException e) {
            throw IoProblems.writing(folder, e);
        }
    }

    /** As {@link #delete}, as far as possible: somebody else may be writing to it, or deleting it. */
    public static void deleteIfPossible(Path folder) {
        try {
            deleteTree(folder);
        } catch (IOException | UncheckedIOException e) {
            // what is left under a hidden name harms nobody
        }
    }

    private static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
