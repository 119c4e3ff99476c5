package org.imagerl.toolkit.safetensors;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.Nearest;
import org.imagerl.spi.lora.TensorFile;
import org.imagerl.spi.text.Quote;

/**
 * An open safetensors file: its checked header, and its tensors read on demand, so that opening costs the header only. A file that is cut
 * or changed while it is open is noticed. Thread-safe.
 */
public final class SafetensorsFile implements TensorFile {
    private static final int PIECE_BYTES = 1 << 20;

    private final Path path;
    private final FileChannel channel;
    private final SafetensorsHeader header;
    private final Map<String, TensorEntry> byName;
    private final FileTime modified;

    private SafetensorsFile(Path path, FileChannel channel, SafetensorsHeader header, FileTime modified) {
        this.path = path;
        this.channel = channel;
        this.header = header;
        this.modified = modified;
        Map<String, TensorEntry> names = new LinkedHashMap<>();
        header.entries().forEach(entry -> names.put(entry.name(), entry));
        this.byName = Collections.unmodifiableMap(names);
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws UserException if there is no such file, it is no regular file, it cannot be read, or it is no valid safetensors file
     */
    public static SafetensorsFile open(Path path) {
        if (ForeignFormat.isPickle(path)) {
            throw ForeignFormat.pickle(path);
        }
        if (Files.isDirectory(path)) {
            throw UserException.input(path + ": is a folder, expected a .safetensors file");
        }
        BoundedFile.requireRegular(path);
        try {
            FileTime modified = Files.getLastModifiedTime(path);
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            return new SafetensorsFile(path, channel, readHeader(path, channel), modified);
        } catch (IOException problem) {
            throw IoProblems.reading(path, problem);
        }
    }

    private static SafetensorsHeader readHeader(Path path, FileChannel channel) throws IOException {
        try {
            return SafetensorsHeader.read(path.toString(), Channels.newInputStream(channel), channel.size());
        } catch (IOException | RuntimeException problem) {
            channel.close();
            throw problem;
        }
    }

    /** The file. */
    @Override
    public Path path() {
        return path;
    }

    /** The tensors, in the order of their bytes in the file. */
    public List<TensorEntry> entries() {
        return header.entries();
    }

    /** The names of the tensors, in the order of their bytes in the file. */
    @Override
    public Collection<String> names() {
        return byName.keySet();
    }

    /** The strings of the header; empty if there are none. */
    @Override
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /** Whether there is a tensor of that name. */
    public boolean has(String name) {
        return byName.containsKey(name);
    }

    /**
     * What the header says of a tensor.
     *
     * @throws UserException if there is none of that name; the message has the nearest name
     */
    public TensorEntry entry(String name) {
        TensorEntry entry = byName.get(name);
        if (entry == null) {
            String hint = Nearest.hint(name, byName.keySet());
            throw UserException.input(path + ": has no tensor " + Quote.of(name) + hint);
        }
        return entry;
    }

    /**
     * The bytes of a tensor, in a new buffer on the heap; for small tensors.
     *
     * @return little-endian, from position 0 to {@code entry(name).bytes()}
     * @throws UserException as {@link #readInto}, and if it has 2 GiB or more
     */
    public ByteBuffer read(String name) {
        long bytes = entry(name).bytes();
        if (bytes > Integer.MAX_VALUE - 8) {
            throw UserException.input(
                    path + ": tensor " + Quote.of(name) + " has " + bytes + " bytes, more than fit into one buffer");
        }
        ByteBuffer read = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
        readInto(name, 0, read);
        return read.flip();
    }

    /**
     * Reads a piece of a tensor, from the buffer's position to its limit.
     *
     * @param from the first byte, counted from the first byte of the tensor
     * @throws UserException if there is no such tensor, its type is not loadable, or the file was cut since it was opened
     */
    public void readInto(String name, long from, ByteBuffer buffer) {
        TensorEntry entry = entry(name);
        requireLoadable(entry);
        Objects.checkFromIndexSize(from, (long) buffer.remaining(), entry.bytes());
        long place = header.dataStart() + entry.begin() + from;
        int end = buffer.limit();
        try {
            while (buffer.position() < end) {
                // Through a buffer on the heap the JDK reads by a direct one of the same size, which it keeps.
                buffer.limit((int) Math.min(end, buffer.position() + (long) PIECE_BYTES));
                int count = channel.read(buffer, place);
                if (count < 0) {
                    throw changed();
                }
                place += count;
            }
        } catch (IOException problem) {
            throw IoProblems.reading(path, problem);
        }
    }

    /**
     * Makes sure that all that was read is of one version of the file.
     *
     * @throws UserException if the file was written or cut since it was opened
     */
    public void requireUnchanged() {
        try {
            long bytes =
                    header.entries().stream().mapToLong(TensorEntry::end).max().orElse(0);
            if (channel.size() != header.dataStart() + bytes
                    || !Files.getLastModifiedTime(path).equals(modified)) {
                throw changed();
            }
        } catch (IOException problem) {
            throw IoProblems.reading(path, problem);
        }
    }

    private UserException changed() {
        return UserException.input(
                path + ": the file was changed while it was read; wait until the download, the copy or the"
                        + " training that writes it is finished, and start again");
    }

    /**
     * The elements of a floating-point tensor (F64, F32, F16, BF16, F8) as float32, row-major; for small tensors.
     *
     * @throws UserException as {@link #read(String)}, and if the type is not a floating-point one
     */
    @Override
    public float[] floats(String name) {
        TensorEntry entry = entry(name);
        if (!entry.dtype().isFloat()) {
            throw UserException.input(path + ": tensor " + Quote.of(name) + " has dtype " + entry.dtype()
                    + ", expected one of F64, F32, F16, BF16, F8_E4M3, F8_E5M2");
        }
        return FloatCodec.decode(read(name), entry.dtype());
    }

    @Override
    public long bytes() {
        return entries().stream().mapToLong(TensorEntry::bytes).sum();
    }

    @Override
    public Shape shape(String name) {
        return entry(name).shape();
    }

    @Override
    public double number(String name) {
        TensorEntry entry = entry(name);
        boolean known = entry.dtype().isFloat() || entry.dtype() == DType.I64 || entry.dtype() == DType.I32;
        boolean single = known && entry.elements() == 1;
        double value = single ? number(entry) : Double.NaN;
        if (!Double.isFinite(value)) {
            throw UserException.input(path + ": " + Quote.of(name) + " is " + entry.dtype() + " " + entry.shape()
                    + (single ? " " + value : "") + ", expected one number");
        }
        return value;
    }

    private double number(TensorEntry entry) {
        return switch (entry.dtype()) {
            case I64 -> read(entry.name()).getLong();
            case I32 -> read(entry.name()).getInt();
            case F64 -> read(entry.name()).getDouble();
            default -> floats(entry.name())[0];
        };
    }

    private void requireLoadable(TensorEntry entry) {
        if (!entry.dtype().loadable()) {
            throw UserException.input(path + ": tensor " + Quote.of(entry.name()) + " has dtype " + entry.dtype()
                    + ", which is not supported; take the float16, bfloat16 or float32 file of the model");
        }
    }

    /** Closes the file. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException problem) {
            throw IoProblems.reading(path, problem);
        }
    }
}
