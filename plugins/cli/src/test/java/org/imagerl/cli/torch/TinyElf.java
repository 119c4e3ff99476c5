package org.imagerl.cli.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The smallest file that the ELF specification calls a shared library: headers, a dynamic section, names. */
final class TinyElf {
    static final int X86_64 = 62;
    private static final int HEADERS = 64 + 2 * 56;
    private static final long BASE = 0x400000; // an address differs from its place in the file

    private final ByteArrayOutputStream names = new ByteArrayOutputStream();
    private final List<long[]> entries = new ArrayList<>();
    private int machine = X86_64;

    TinyElf() {
        name("");
    }

    TinyElf machine(int number) {
        machine = number;
        return this;
    }

    TinyElf needs(String... libraries) {
        for (String library : libraries) {
            entries.add(new long[] {1, name(library)});
        }
        return this;
    }

    TinyElf searches(String path) {
        entries.add(new long[] {29, name(path)});
        return this;
    }

    TinyElf symbol(String symbol) {
        name(symbol);
        return this;
    }

    private int name(String text) {
        int at = names.size();
        names.writeBytes((text + "\0").getBytes(StandardCharsets.UTF_8));
        return at;
    }

    byte[] bytes() {
        int dynamic = (entries.size() + 3) * 16;
        ByteBuffer file = ByteBuffer.allocate(HEADERS + dynamic + names.size()).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
        file.putShort((short) 3)
                .putShort((short) machine)
                .putInt(1)
                .putLong(0)
                .putLong(64)
                .putLong(0)
                .putInt(0);
        file.putShort((short) 64).putShort((short) 56).putShort((short) 2).position(64);
        header(file, 1, 0, file.capacity());
        header(file, 2, HEADERS, dynamic);
        entries.forEach(entry -> file.putLong(entry[0]).putLong(entry[1]));
        file.putLong(5).putLong(BASE + HEADERS + dynamic).putLong(10).putLong(names.size());
        file.putLong(0).putLong(0).put(names.toByteArray());
        return file.array();
    }

    private static void header(ByteBuffer file, int type, long begin, long bytes) {
        file.putInt(type)
                .putInt(0)
                .putLong(begin)
                .putLong(BASE + begin)
                .putLong(0)
                .putLong(bytes)
                .putLong(bytes)
                .putLong(8);
    }

    Path write(Path path) throws IOException {
        Files.createDirectories(path.getParent());
        return Files.write(path, bytes());
    }
}
