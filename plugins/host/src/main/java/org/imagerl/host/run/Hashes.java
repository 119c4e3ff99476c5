package org.imagerl.host.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;

/** What input files were, to the bit. */
public final class Hashes {
    private static final int BUFFER_BYTES = 1 << 20;

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
                    hashes.put(file.toString(), sha256(file));
                }
            } catch (IOException e) {
                throw UserException.input(root + ": cannot be read: " + e, e);
            }
        }
        return hashes;
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = digest();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
