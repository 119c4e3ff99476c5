package org.imagerl.spi.io;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;

/** Hashes of input files. */
public final class Hashes {
    private Hashes() {}

    /**
     * SHA-256 in hexadecimal of files, and of all files in folders, by path.
     *
     * @throws UserException if one cannot be read
     */
    public static SortedMap<String, String> sha256(List<Path> filesAndFolders) {
        SortedMap<String, String> hashes = new TreeMap<>();
        for (Path root : filesAndFolders) {
            try (Stream<Path> files = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    hashes.put(file.toString(), Sha256.of(file));
                }
            } catch (IOException e) {
                throw UserException.input(root + ": cannot be read: " + e, e);
            }
        }
        return hashes;
    }
}
