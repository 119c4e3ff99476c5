package org.imagerl.toolkit.safetensors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes safetensors files, byte for byte as the reference implementation lays them out (tensors by descending alignment,
 * then by name; the header padded with spaces to a multiple of 8), except that metadata is sorted by key: the same input gives
 * the same file.
 */
public final class SafetensorsWriter {
    private static final Comparator<TensorSource> REFERENCE_ORDER =
            Comparator.comparing(TensorSource::dtype).reversed().thenComparing(TensorSource::name);

    private SafetensorsWriter() {}

    /**
     * Writes a file whole or not at all, over an older one.
     *
     * @param target the file; missing folders are made
     * @param tensors in any order; their contents are asked for one after the other
     * @param metadata the strings of the header
     * @throws UserException if the disk is full or the file cannot be written; then nothing is left behind
     * @throws IllegalArgumentException if two tensors have one name or a content is not as long as its shape says
     */
    public static void write(Path target, Collection<TensorSource> tensors, Map<String, String> metadata) {
        try (AtomicFile file = stage(target, tensors, metadata)) {
            file.commit();
        }
    }

    /**
     * The bytes that {@link #write} would write, without a disk.
     *
     * @param most bytes of a part
     * @return the file in parts
     */
    public static List<byte[]> parts(Collection<TensorSource> tensors, Map<String, String> metadata, int most) {
        List<TensorSource> ordered = tensors.stream().sorted(REFERENCE_ORDER).toList();
        byte[] header = header(ordered, metadata);
        long bytes = ordered.stream().mapToLong(TensorSource::bytes).sum();
        ByteParts parts = new ByteParts(header.length + bytes, most);
        parts.write(ByteBuffer.wrap(header));
        for (TensorSource tensor : ordered) {
            try {
                tensor.content().writeTo(parts);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return parts.whole();
    }

    /** Writes a file beside its place, as {@link AtomicFile#stage}. */
    static AtomicFile stage(Path target, Collection<TensorSource> tensors, Map<String, String> metadata) {
        List<TensorSource> ordered = tensors.stream().sorted(REFERENCE_ORDER).toList();
        byte[] header = header(ordered, metadata);
        return AtomicFile.stage(target, channel -> {
            AtomicFile.writeFully(channel, ByteBuffer.wrap(header));
            for (TensorSource tensor : ordered) {
                writeTensor(channel, tensor);
            }
        });
    }

    /** The length and the header, padded. */
    private static byte[] header(List<TensorSource> ordered, Map<String, String> metadata) {
        byte[] json = StrictJson.compact(describe(ordered, metadata)).getBytes(StandardCharsets.UTF_8);
        int padded = Math.addExact(json.length, 7) & ~7;
        if (padded > SafetensorsHeader.MAX_HEADER_BYTES) {
            throw new IllegalArgumentException("the header would have " + padded + " bytes, no reader takes more than "
                    + SafetensorsHeader.MAX_HEADER_BYTES);
        }
        byte[] header = new byte[Long.BYTES + padded];
        Arrays.fill(header, (byte) ' ');
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(json);
        return header;
    }

    private static ObjectNode describe(List<TensorSource> ordered, Map<String, String> metadata) {
        ObjectNode header = StrictJson.newObject();
        if (!metadata.isEmpty()) {
            ObjectNode strings = header.putObject(SafetensorsHeader.METADATA_KEY);
            new TreeMap<>(metadata).forEach(strings::put);
        }
        long offset = 0;
        for (TensorSource tensor : ordered) {
            if (header.has(tensor.name())) {
                throw new IllegalArgumentException("two tensors are named " + Quote.of(tensor.name()));
            }
            long end = Math.addExact(offset, tensor.bytes());
            describe(header.putObject(tensor.name()), tensor, offset, end);
            offset = end;
        }
        return header;
    }

    private static void describe(ObjectNode entry, TensorSource tensor, long begin, long end) {
        entry.put("dtype", tensor.dtype().name());
        ArrayNode shape = entry.putArray("shape");
        for (long dimension : tensor.shape().getShape()) {
            shape.add(dimension);
        }
        entry.putArray("data_offsets").add(begin).add(end);
    }

    private static void writeTensor(FileChannel channel, TensorSource tensor) throws IOException {
        long begin = channel.position();
        tensor.content().writeTo(bytes -> AtomicFile.writeFully(channel, bytes.duplicate()));
        long written = channel.position() - begin;
        if (written != tensor.bytes()) {
            throw new IllegalArgumentException("tensor " + Quote.of(tensor.name()) + " of shape " + tensor.shape()
                    + " in " + tensor.dtype() + " has " + tensor.bytes() + " bytes, but its content gave " + written);
        }
    }
}
