package org.imagerl.toolkit.safetensors;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files made byte by byte, as a faulty or hostile writer would. */
final class RawFile {
    private RawFile() {}

    /** A file with that header and so many zero bytes of data. */
    static byte[] bytes(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        return file.putLong(json.length).put(json).array();
    }

    static SafetensorsHeader parse(byte[] file) {
        try {
            return SafetensorsHeader.read("raw.safetensors", new ByteArrayInputStream(file), file.length);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    static Path write(Path file, byte[] bytes) throws IOException {
        return Files.write(file, bytes);
    }
}
