package org.imagerl.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.apache.spark.SparkFiles;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.CacheFolder;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.Sha256;

/**
 * A checkpoint on its way to executors that have no file system in common with the driver: an archive of its files, which Spark sends to each executor,
 * and which is unpacked into the user's cache folder there under the hash of its content, so that the executors of a host share it.
 */
final class ShippedCheckpoint {
    private static final String PREFIX = "checkpoint-";
    private static final String SUFFIX = ".zip";
    private static final int HASH_DIGITS = 32;

    private ShippedCheckpoint() {}

    /**
     * Packs a checkpoint.
     *
     * @param checkpoint a folder, or a single file
     * @param folder where the archive is written
     * @return the archive; the same content has the same name
     */
    static Path pack(Path checkpoint, Path folder) {
        SortedMap<String, Path> files = files(checkpoint.toAbsolutePath().normalize());
        StringBuilder content = new StringBuilder();
        files.forEach((name, file) ->
                content.append(name).append(' ').append(Sha256.of(file)).append('\n'));
        String hash = Sha256.ofText(content.toString()).substring(0, HASH_DIGITS);
        Path archive = folder.resolve(PREFIX + hash + SUFFIX);
        if (Files.exists(archive)) {
            return archive;
        }
        try (OutputStream out = Files.newOutputStream(archive);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(Deflater.NO_COMPRESSION);
            for (Map.Entry<String, Path> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                Files.copy(file.getValue(), zip);
            }
        } catch (IOException e) {
            throw IoProblems.writing(archive, e);
        }
        return archive;
    }

    /** The files of a checkpoint, by a name that begins with its own. */
    private static SortedMap<String, Path> files(Path checkpoint) {
        String own = String.valueOf(checkpoint.getFileName());
        SortedMap<String, Path> files = new TreeMap<>();
        if (!Files.isDirectory(checkpoint)) {
            files.put(own, checkpoint);
            return files;
        }
        for (Path file : Folders.files(checkpoint)) {
            files.put(own + "/" + Folders.slashed(checkpoint.relativize(file)), file);
        }
        return files;
    }

    /** The checkpoint of an archive that Spark has sent to this executor. */
    static Path unpacked(String archive) {
        try {
            return unpacked(Path.of(SparkFiles.get(archive)), CacheFolder.open());
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "the checkpoint that the driver has sent cannot be unpacked: " + e.getMessage() + "; let "
                            + CacheFolder.VARIABLE + " name a folder with room for it (--spark-conf spark.executorEnv."
                            + CacheFolder.VARIABLE + "=FOLDER)",
                    e);
        }
    }

    static Path unpacked(Path archive, CacheFolder cache) throws IOException {
        String file = String.valueOf(archive.getFileName());
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            SortedMap<String, Long> sizes = new TreeMap<>();
            for (ZipEntry entry : Collections.list(zip.entries())) {
                requireInside(entry.getName());
                sizes.put(entry.getName(), entry.getSize());
            }
            String name = file.substring(0, file.length() - SUFFIX.length());
            Path folder;
            try (FileChannel lock = FileChannel.open(
                    cache.path().resolve(name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                await(lock);
                folder = cache.filled(name, sizes, to -> unpack(zip, to));
            }
            return folder.resolve(List.of(sizes.firstKey().split("/")).get(0));
        }
    }

    /** Waits until no other executor of this host unpacks, so that they find what the first one has unpacked. */
    private static void await(FileChannel lock) {
        try {
            lock.lock(); // until the channel is closed, or the process ends
        } catch (IOException e) {
            // a file system without locks: each unpacks for itself, and one of the results stays
        }
    }

    private static void requireInside(String name) throws IOException {
        Path path = Path.of(name);
        if (path.isAbsolute() || !path.normalize().equals(path) || path.startsWith("..")) {
            throw new IOException("it has a file named " + name);
        }
    }

    private static void unpack(ZipFile zip, Path to) throws IOException {
        for (ZipEntry entry : Collections.list(zip.entries())) {
            Path target = to.resolve(entry.getName());
            Files.createDirectories(target.getParent());
            try (InputStream in = zip.getInputStream(entry)) {
                Files.copy(in, target);
            }
        }
    }
}
