package org.imagerl.training.data;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.data.Example;
import org.imagerl.spi.data.StoredImage;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.ScratchFolder;

/** Examples in a file of our own, so that a hundred thousand of them take 8 bytes of memory each. It is deleted when it is closed. */
final class ExampleFile implements AutoCloseable {
    private final ScratchFolder scratch = ScratchFolder.create();
    private final Path file = scratch.path().resolve("examples");
    private final FileChannel channel;

    /** Where each example begins, and the end. */
    private long[] starts = new long[1024];

    private int size;

    ExampleFile() {
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            scratch.close();
            throw IoProblems.writing(file, e);
        }
    }

    int size() {
        return size;
    }

    /** Adds an example behind the others. */
    void add(Example example) {
        byte[] bytes = bytes(example);
        try {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left, starts[size] + left.position());
            }
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
        size++;
        starts = size < starts.length ? starts : Arrays.copyOf(starts, 2 * size);
        starts[size] = starts[size - 1] + bytes.length;
    }

    /** Reads an example; several threads may. */
    Example get(int index) {
        ByteBuffer bytes = ByteBuffer.allocate((int) (starts[index + 1] - starts[index]));
        try {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, starts[index] + bytes.position()) < 0) {
                    throw new IOException("the file was cut");
                }
            }
            return example(new DataInputStream(new ByteArrayInputStream(bytes.array())));
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    private static byte[] bytes(Example example) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            Prompt prompt = example.prompt();
            write(out, prompt.id());
            write(out, prompt.text());
            out.writeInt(prompt.metadata().size());
            for (Map.Entry<String, String> field : new TreeMap<>(prompt.metadata()).entrySet()) {
                write(out, field.getKey());
                write(out, field.getValue());
            }
            out.writeInt(example.images().size());
            for (StoredImage image : example.images()) {
                write(out, image.file());
                out.writeDouble(image.advantage());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("memory can be written", e);
        }
        return bytes.toByteArray();
    }

    private static Example example(DataInputStream in) throws IOException {
        String id = text(in);
        String text = text(in);
        Map<String, String> fields = new TreeMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            fields.put(text(in), text(in));
        }
        List<StoredImage> images = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            images.add(new StoredImage(text(in), in.readDouble()));
        }
        return new Example(new Prompt(id, text, fields), images);
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        try (scratch) {
            channel.close();
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }
}
