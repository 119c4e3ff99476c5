package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.Sha256;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;

/**
 * Keeps the outputs of text encoders for prompts, and of a VAE for images, on disk: a file for each, named by a hash of
 * the network's weights, its description, its dtype and its input (token ids or pixels). A damaged file is reported and
 * made again. When the files have more bytes than permitted, the least recently used ones are deleted.
 */
final class EmbeddingCache {
    /** Raised when the numbers of a network change. */
    private static final String VERSION = "imagerl-embedding-1";

    private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}\\.safetensors");
    private static final long MAX_BYTES = 20_000_000_000L;
    private static final double KEPT = 0.8;

    private final Path folder;
    private final long maxBytes;
    private final Consumer<String> notices;
    private long bytes;

    /** A cache in a folder, of at most 20 GB. */
    static EmbeddingCache in(Path folder, Consumer<String> notices) {
        return new EmbeddingCache(folder, MAX_BYTES, notices);
    }

    /**
     * A cache in a folder, which is made when it is first needed.
     *
     * @param maxBytes of all files together
     */
    EmbeddingCache(Path folder, long maxBytes, Consumer<String> notices) {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.notices = notices;
        this.bytes = files().stream().mapToLong(EmbeddingCache::size).sum();
    }

    /**
     * The outputs of a network for one prompt or image, float32 {@code [1, ...]}, from disk or made now.
     *
     * @param identity of the network
     * @param given what it was given, or a hash of it
     * @param made computes them
     */
    SortedMap<String, NDArray> get(
            NDManager manager, String identity, String given, Supplier<SortedMap<String, NDArray>> made) {
        Path file = folder.resolve(Sha256.ofText(VERSION + "\n" + identity + "\n" + given) + ".safetensors");
        if (Files.isRegularFile(file)) {
            try {
                return read(manager, file);
            } catch (UserException e) {
                notices.accept("warning: " + e.getMessage() + "; it is encoded again");
            }
        }
        write(file, made.get());
        return read(manager, file); // what was just made as it will be next time
    }

    private void write(Path file, Map<String, NDArray> tensors) {
        SafetensorsWriter.write(
                file,
                tensors.entrySet().stream()
                        .map(entry -> NetworkWeights.source(entry.getKey(), entry.getValue(), DType.F32))
                        .toList(),
                Map.of("format", VERSION));
        written(size(file));
    }

    private SortedMap<String, NDArray> read(NDManager manager, Path path) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            if (!VERSION.equals(file.metadata().get("format"))) {
                throw UserException.input(path + ": is no output of an encoder (format is not " + VERSION + ")");
            }
            SortedMap<String, NDArray> tensors = new TreeMap<>();
            for (String name : file.names()) {
                NDArray tensor = manager.create(file.floats(name), file.shape(name));
                tensors.put(name, tensor.duplicate());
                tensor.close();
            }
            touch(path);
            return tensors;
        }
    }

    private synchronized void written(long more) {
        bytes += more;
        if (bytes <= maxBytes) {
            return;
        }
        List<Path> oldest = files().stream()
                .sorted(Comparator.comparing(EmbeddingCache::used))
                .toList();
        bytes = oldest.stream().mapToLong(EmbeddingCache::size).sum();
        for (Path file : oldest.subList(0, Math.max(0, oldest.size() - 1))) { // the newest is about to be read
            if (bytes <= KEPT * maxBytes) {
                break;
            }
            bytes -= size(file);
            delete(file);
        }
    }

    private List<Path> files() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Folders.entries(folder)) {
            return entries.filter(file ->
                            NAME.matcher(String.valueOf(file.getFileName())).matches())
                    .toList();
        } catch (IOException e) {
            throw IoProblems.reading(folder, e);
        }
    }

    private static long size(Path file) {
        return file.toFile().length(); // 0 of one that another process deleted
    }

    private static long used(Path file) {
        return file.toFile().lastModified();
    }

    /**
     * Marks a file as used. Where this is not permitted, the folder cannot be written to, and nothing is deleted from
     * it either.
     */
    @SuppressWarnings("ReturnValueIgnored")
    private static void touch(Path file) {
        file.toFile().setLastModified(System.currentTimeMillis());
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }
}
