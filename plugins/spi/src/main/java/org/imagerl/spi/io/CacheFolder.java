package org.imagerl.spi.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A folder of the user's own for what is unpacked once and read by every later process, native libraries above all.
 * Code is loaded from it, so that it must belong to the user, and nobody else may write to it. What is in it is whole:
 * it is filled beside its place and moved there in one step, even if other processes do the same at that moment.
 */
public final class CacheFolder {
    /** Names the folder; without it, it is {@code imagerl} in the folder that the system has for caches. */
    public static final String VARIABLE = "IMAGERL_CACHE_DIR";

    private static final String BEGUN = ".new-";
    private static final Duration LEFT_BEHIND = Duration.ofDays(1);
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private final Path path;

    private CacheFolder(Path path) {
        this.path = path;
    }

    /** Writes the files of an entry. */
    @FunctionalInterface
    public interface Filler {
        /** @param folder empty, of this entry alone */
        void fill(Path folder) throws IOException;
    }

    /**
     * The default place of the folder.
     *
     * @param environment of the process
     * @param home of the user
     * @param os as {@code os.name} says
     */
    public static Path place(Map<String, String> environment, Path home, String os) {
        String named = environment.getOrDefault(VARIABLE, "");
        if (!named.isEmpty()) {
            return Path.of(named);
        }
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        if (Path.of(xdg).isAbsolute()) { // the specification says to ignore others
            return Path.of(xdg, "imagerl");
        }
        return os.startsWith("Mac") ? home.resolve("Library/Caches/imagerl") : home.resolve(".cache/imagerl");
    }

    /**
     * Opens the user's own, and makes it if it is missing.
     *
     * @throws IOException if it cannot be written, belongs to another user, or others may write to it
     */
    public static CacheFolder open() throws IOException {
        Path home = Path.of(System.getProperty("user.home", "."));
        return open(place(System.getenv(), home, System.getProperty("os.name", "")));
    }

    /** As {@link #open()}, elsewhere. */
    public static CacheFolder open(Path place) throws IOException {
        Path path = place.toAbsolutePath().normalize();
        boolean posix = Files.getFileStore(existing(path)).supportsFileAttributeView("posix");
        if (!Files.exists(path)) {
            Files.createDirectories(path.getParent());
            make(path, posix);
        }
        CacheFolder folder = new CacheFolder(path);
        if (posix) {
            folder.requireOwn();
        }
        folder.sweep();
        return folder;
    }

    private static Path existing(Path path) {
        Path there = path;
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        return there;
    }

    private static void make(Path path, boolean posix) throws IOException {
        try {
            if (posix) {
                Files.createDirectory(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectory(path);
            }
        } catch (FileAlreadyExistsException e) {
            // another process was quicker; whose it is is looked at next
        }
    }

    /** Compared with a file made now, because a user need not have a name. */
    private void requireOwn() throws IOException {
        Path probe = Files.createTempFile(path, BEGUN, "");
        try {
            Object self = Files.getOwner(probe);
            if (!Files.getOwner(path).equals(self)
                    || !Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(self)) {
                throw new IOException(path + " belongs to another user, who could put other code there");
            }
        } finally {
            Files.delete(probe);
        }
        if (Files.getPosixFilePermissions(path).stream().anyMatch(OTHERS_WRITE::contains)) {
            throw new IOException(
                    path + " can be written by others, who could put other code there; chmod 700 after a look into it");
        }
    }

    /** Deletes what killed processes have left behind. */
    private void sweep() throws IOException {
        Instant old = Instant.now().minus(LEFT_BEHIND);
        try (Stream<Path> entries = Folders.entries(path)) {
            for (Path entry : entries.filter(
                            each -> each.getFileName().toString().startsWith(BEGUN))
                    .toList()) {
                if (Files.exists(entry)
                        && Files.getLastModifiedTime(entry).toInstant().isBefore(old)) {
                    Folders.deleteIfPossible(entry);
                }
            }
        }
    }

    /** The path of the folder. */
    public Path path() {
        return path;
    }

    /**
     * An entry, filled by the first who asks.
     *
     * @param name of the entry; has a hash of all that its content depends on
     * @param sizes of all its files in bytes, by name: what has other ones is damaged, and made anew
     * @throws IOException if it cannot be filled
     */
    public Path filled(String name, Map<String, Long> sizes, Filler filler) throws IOException {
        Path entry = path.resolve(name);
        if (whole(entry, sizes)) {
            return entry;
        }
        Path begun = Files.createTempDirectory(path, BEGUN); // only the user may read it, on all systems
        try {
            filler.fill(begun);
            for (String file : sizes.keySet()) {
                try (FileChannel channel = FileChannel.open(begun.resolve(file), StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
            }
            place(begun, entry, sizes);
        } finally {
            Folders.deleteIfPossible(begun);
        }
        if (!whole(entry, sizes)) {
            throw new IOException(entry + " is not whole; delete it");
        }
        return entry;
    }

    private void place(Path begun, Path entry, Map<String, Long> sizes) throws IOException {
        if (Files.exists(entry, LinkOption.NOFOLLOW_LINKS) && !whole(entry, sizes)) {
            Path away = Files.createTempDirectory(path, BEGUN);
            move(entry, away.resolve("damaged"));
            Folders.deleteIfPossible(away);
        }
        move(begun, entry);
    }

    /** If the target is there, another process was quicker with the same. */
    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.exists(to)) {
                throw e;
            }
        }
    }

    private static boolean whole(Path entry, Map<String, Long> sizes) throws IOException {
        for (Map.Entry<String, Long> file : sizes.entrySet()) {
            Path path = entry.resolve(file.getKey());
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) || Files.size(path) != file.getValue()) {
                return false;
            }
        }
        return true;
    }
}
