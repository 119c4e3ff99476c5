package org.imagerl.toolkit.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.Nearest;
import org.imagerl.spi.io.Quote;

/**
 * An open safetensors file: its checked header, and its tensors mapped on demand, so that opening costs the header only and
 * reading costs no copy. The file must not be changed or cut while it is open or a buffer of it is in use. Thread-safe.
 */
public final class SafetensorsFile implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final SafetensorsHeader header;
    private final Map<String, TensorEntry> byName;

    private SafetensorsFile(Path path, FileChannel channel, SafetensorsHeader header) {
        this.path = path;
        this.channel = channel;
        this.header = header;
        Map<String, TensorEntry> names = new LinkedHashMap<>();
        header.entries().forEach(entry -> names.put(entry.name(), entry));
        this.byName = Collections.unmodifiableMap(names);
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws UserException if there is no such file, it cannot be read, or it is no valid safetensors file
     */
    public static SafetensorsFile open(Path path) {
        if (ForeignFormat.isPickle(path)) {
            throw ForeignFormat.pickle(path);
        }
        if (Files.isDirectory(path)) {
            throw UserException.input(path + ": is a folder, expected a .safetensors file");
        }
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            return new SafetensorsFile(path, channel, readHeader(path, channel));
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
    public Path path() {
        return path;
    }

    /** The tensors, in the order of their bytes in the file. */
    public List<TensorEntry> entries() {
        return header.entries();
    }

    /** The names of the tensors, in the order of their bytes in the file. */
    public Collection<String> names() {
        return byName.keySet();
    }

    /** The strings of the header; empty if there are none. */
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
     * Where the first byte of a tensor lies in the file, for readers that map the file themselves. A multiple of the element
     * size in files whose header is padded (ours and the reference implementation's are); test it with {@link #isAligned}.
     */
    public long offset(String name) {
        return header.dataStart() + entry(name).begin();
    }

    /** Whether {@link #offset} is a multiple of the element size, as typed views of the whole file need. */
    public boolean isAligned(String name) {
        return offset(name) % entry(name).dtype().bytes() == 0;
    }

    /**
     * The bytes of a tensor, mapped.
     *
     * @return a read-only direct buffer, little-endian, from position 0 to {@code entry(name).bytes()}; valid after close
     * @throws UserException if there is no such tensor, its type is not loadable, or it has 2 GiB or more ({@link
     *     #read(String, long, int)} reads those in pieces)
     */
    public ByteBuffer read(String name) {
        long bytes = entry(name).bytes();
        if (bytes > Integer.MAX_VALUE) {
            throw UserException.input(
                    path + ": tensor " + Quote.of(name) + " has " + bytes + " bytes, more than fit into one buffer");
        }
        return read(name, 0, (int) bytes);
    }

    /**
     * A piece of the bytes of a tensor, mapped; for tensors of any size.
     *
     * @param from its first byte, counted from the first byte of the tensor
     * @param length its number of bytes
     * @return as {@link #read(String)}
     */
    public ByteBuffer read(String name, long from, int length) {
        TensorEntry entry = entry(name);
        requireLoadable(entry);
        Objects.checkFromIndexSize(from, length, entry.bytes());
        try {
            return channel.map(MapMode.READ_ONLY, offset(name) + from, length).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException problem) {
            throw IoProblems.reading(path, problem);
        }
    }

    /**
     * The elements of a floating-point tensor (F64, F32, F16, BF16) as float32, row-major; for small tensors.
     *
     * @throws UserException as {@link #read(String)}, and if the type is not a floating-point one
     */
    public float[] floats(String name) {
        TensorEntry entry = entry(name);
        if (!entry.dtype().isFloat()) {
            throw UserException.input(path + ": tensor " + Quote.of(name) + " has dtype " + entry.dtype()
                    + ", expected one of F64, F32, F16, BF16");
        }
        return FloatCodec.decode(read(name), entry.dtype());
    }

    private void requireLoadable(TensorEntry entry) {
        if (!entry.dtype().loadable()) {
            throw UserException.input(path + ": tensor " + Quote.of(entry.name()) + " has dtype " + entry.dtype()
                    + ", which is not supported; take the float16, bfloat16 or float32 file of the model");
        }
    }

    /** Closes the file. Buffers that were read stay valid. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException problem) {
            throw IoProblems.reading(path, problem);
        }
    }
}
