package org.imagerl.spi.io;

import java.io.IOException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;

/**
 * What a person put in a folder, in an order that depends on no file system: {@link NaturalOrder}. What systems put there by themselves is
 * left out: hidden files, among them the {@code ._NAME} that macOS writes beside each {@code NAME} on other file systems and in archives.
 */
public final class FolderListing {
    /** In lower case. */
    private static final Set<String> OF_SYSTEMS = Set.of(
            "__macosx",
            "thumbs.db",
            "ehthumbs.db",
            "desktop.ini",
            "icon\r",
            "@eadir",
            "lost+found",
            "$recycle.bin",
            "system volume information");

    private FolderListing() {}

    /**
     * The entries of a folder, files and folders alike, without those of systems.
     *
     * @throws UserException if it is no folder or cannot be listed
     */
    public static List<Path> of(Path folder) {
        try (Stream<Path> entries = Folders.entries(folder)) {
            return entries.filter(entry -> !ofSystem(entry))
                    .sorted(Comparator.comparing(FolderListing::name, NaturalOrder.INSTANCE))
                    .toList();
        } catch (NotDirectoryException e) {
            throw UserException.input(folder + ": is no folder", e);
        } catch (IOException e) {
            throw IoProblems.reading(folder, e);
        }
    }

    /** Whether a file or folder is one that systems put there by themselves, judged by its name alone. */
    public static boolean ofSystem(Path entry) {
        String name = name(entry).toLowerCase(Locale.ROOT);
        return name.startsWith(".") || OF_SYSTEMS.contains(name);
    }

    /** The name of a file without its folders. */
    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }
}
