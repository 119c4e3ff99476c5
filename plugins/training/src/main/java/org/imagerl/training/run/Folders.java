package org.imagerl.training.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.Unfinished;

/** Folders that are there whole or not at all. */
final class Folders {
    private static final String TEMPORARY = ".tmp";

    private Folders() {}

    /**
     * Fills a folder beside its place and then renames it into place; an older one is replaced. If the writer fails, nothing
     * is left and an older folder is as it was.
     *
     * @param writer fills the folder that it is given
     * @throws org.imagerl.spi.UserException if the file system fails
     */
    static void publish(Path target, Consumer<Path> writer) {
        Path old = Unfinished.beside(target);
        try {
            create(target, fresh -> {
                writer.accept(fresh);
                moveIfThere(target, old);
            });
        } finally {
            delete(old);
        }
    }

    /**
     * The same, but a folder that is there already is an error.
     *
     * @throws UserException that says so, also if another process made it at the same moment
     */
    static void create(Path target, Consumer<Path> writer) {
        Path beside = Unfinished.beside(target);
        try {
            Files.createDirectories(beside);
            writer.accept(beside);
            AtomicFile.forceFolder(beside);
            Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
            AtomicFile.forceFolder(target.resolveSibling("."));
        } catch (IOException e) {
            if (Files.exists(target)) { // a folder is never renamed over one that holds something
                throw UserException.input(
                        target + ": is taken: another process made it a moment ago; take another name", e);
            }
            throw IoProblems.writing(target, e);
        } finally {
            delete(beside);
        }
    }

    private static void moveIfThere(Path from, Path to) {
        try {
            if (Files.exists(from)) {
                Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw IoProblems.writing(from, e);
        }
    }

    /** The entries of a folder by name, without temporary ones; none if there is no such folder. */
    static List<Path> list(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> !isTemporary(entry)).sorted().toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw IoProblems.writing(folder, e);
        }
    }

    /** All regular files in a folder and its folders, by path. */
    static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw IoProblems.writing(folder, e);
        }
    }

    /** Deletes what a process that was killed had not finished. */
    static void deleteTemporary(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
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

    /** Deletes a folder with all in it, if it is there. Links are deleted, not followed. */
    static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw IoProblems.writing(folder, e);
        }
    }
}
