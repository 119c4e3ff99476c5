package org.imagerl.cli.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.StrictJson;

/**
 * Identifies a checkpoint without reading gigabytes: one SHA-256 over {@code model_index.json} and the files of the
 * components that it names, their names and sizes; files of at most {@value #WHOLE_BYTES} bytes whole, of larger ones
 * the beginning (of weights, names and shapes) and {@value #WINDOWS} windows spread evenly to the end. It sees another
 * model, another format and any training of a component, which moves all its weights; it does not see a few numbers
 * changed by hand between two windows, and it differs for the same weights in other files.
 */
final class CheckpointDigest {
    private static final String INDEX = "model_index.json";
    private static final int WHOLE_BYTES = 1 << 22;
    private static final int HEAD_BYTES = 1 << 20;
    private static final int WINDOWS = 256;
    private static final int WINDOW_BYTES = 1 << 12;

    private final MessageDigest digest;
    private final ByteBuffer buffer = ByteBuffer.allocate(WHOLE_BYTES);

    private CheckpointDigest() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * The digest of a checkpoint in hexadecimal; empty if the path is not a checkpoint, which is reported when it is
     * opened.
     */
    static String of(Path checkpoint) {
        if (Files.isRegularFile(checkpoint)) {
            return ofComponent(checkpoint);
        }
        Path index = checkpoint.resolve(INDEX);
        if (!Files.isRegularFile(index)) {
            return "";
        }
        CheckpointDigest all = new CheckpointDigest();
        all.add(checkpoint, index);
        Set<String> components = new TreeSet<>();
        StrictJson.object(index).propertyNames().forEach(components::add);
        for (Path folder : list(checkpoint)) {
            if (Files.isDirectory(folder) && components.contains(String.valueOf(folder.getFileName()))) {
                list(folder).stream().filter(Files::isRegularFile).forEach(file -> all.add(checkpoint, file));
            }
        }
        return all.hex();
    }

    /** The digest of a file, or of all files in the folder of one component. */
    static String ofComponent(Path component) {
        if (Files.isRegularFile(component.resolve(INDEX))) {
            return of(component);
        }
        CheckpointDigest all = new CheckpointDigest();
        if (Files.isDirectory(component)) {
            list(component).stream().filter(Files::isRegularFile).forEach(file -> all.add(component, file));
        } else {
            all.add(component.toAbsolutePath().resolveSibling(""), component.toAbsolutePath());
        }
        return all.hex();
    }

    private String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> entries = Folders.entries(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw IoProblems.reading(folder, e);
        }
    }

    private void add(Path root, Path file) {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            long size = channel.size();
            String name = Folders.slashed(root.relativize(file));
            digest.update((name + "\n" + size + "\n").getBytes(StandardCharsets.UTF_8));
            if (size <= WHOLE_BYTES) {
                add(channel, 0, (int) size);
                return;
            }
            add(channel, 0, HEAD_BYTES);
            for (int i = 1; i <= WINDOWS; i++) {
                add(channel, (size - WINDOW_BYTES) * i / WINDOWS, WINDOW_BYTES);
            }
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    private void add(SeekableByteChannel channel, long at, int bytes) throws IOException {
        buffer.clear().limit(bytes);
        channel.position(at);
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
            // until it is full, or the file ends early
        }
        digest.update(buffer.flip());
    }
}
