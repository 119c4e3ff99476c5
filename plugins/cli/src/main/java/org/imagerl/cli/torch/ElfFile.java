package org.imagerl.cli.torch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.IoProblems;

/**
 * The information for the loader in a shared library of Linux. Read from its dynamic section by the ELF specification
 * (64 bits, little endian): a few kilobytes of a file of any size, and nothing of its code.
 *
 * @param path of the library
 * @param machine the processor's number: 62 is x86-64, 183 is AArch64
 * @param needed names of the libraries that it needs
 * @param searchPath folders in which the loader looks for them, {@code $ORIGIN} replaced
 */
record ElfFile(Path path, int machine, List<String> needed, List<Path> searchPath) {
    private static final int HEADER_BYTES = 64;
    private static final int PROGRAM_HEADER_BYTES = 56;
    private static final int MAX_PROGRAM_HEADERS = 256;
    private static final int MAX_DYNAMIC_BYTES = 1 << 16;
    private static final int MAX_STRING_BYTES = 1 << 14;
    private static final int MAX_STRINGS_SEARCHED = 1 << 24;
    private static final byte[] MAGIC = {0x7f, 'E', 'L', 'F', 2, 1};
    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int DT_NEEDED = 1;
    private static final int DT_STRTAB = 5;
    private static final int DT_STRSZ = 10;
    private static final int DT_RPATH = 15;
    private static final int DT_RUNPATH = 29;

    ElfFile {
        needed = List.copyOf(needed);
        searchPath = List.copyOf(searchPath);
    }

    /**
     * Reads a library.
     *
     * @throws UserException if it is none, or damaged
     */
    static ElfFile read(Path path) {
        BoundedFile.requireRegular(path);
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return new Reader(path, file).elf();
        } catch (IOException e) {
            throw IoProblems.reading(path, e);
        }
    }

    /**
     * Whether a text stands among the names of symbols.
     *
     * @throws UserException if it is no library, or damaged
     */
    static boolean mentions(Path path, String text) {
        BoundedFile.requireRegular(path);
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            Reader reader = new Reader(path, file);
            int bytes = (int) Math.min(reader.stringsBytes, MAX_STRINGS_SEARCHED);
            return StandardCharsets.ISO_8859_1
                    .decode(reader.at(reader.strings, bytes))
                    .toString()
                    .contains(text);
        } catch (IOException e) {
            throw IoProblems.reading(path, e);
        }
    }

    /** Reads one file; every offset is checked against the file's size. */
    private static final class Reader {
        private final Path path;
        private final FileChannel file;
        private final long size;
        private final int machine;
        private final List<long[]> segments = new ArrayList<>();
        private final List<long[]> entries = new ArrayList<>();
        /** Offset in the file of the names, and their size. */
        private final long strings;

        private final long stringsBytes;

        Reader(Path path, FileChannel file) throws IOException {
            this.path = path;
            this.file = file;
            this.size = file.size();
            ByteBuffer header = at(0, HEADER_BYTES);
            if (!header.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
                throw damaged("it is no shared library of Linux (ELF, 64 bits, little endian)");
            }
            this.machine = header.getShort(18) & 0xffff;
            programHeaders(header);
            this.strings = offset(value(DT_STRTAB));
            this.stringsBytes = value(DT_STRSZ);
            require(stringsBytes >= 0 && stringsBytes <= size - strings, "the names reach beyond its end");
        }

        private void programHeaders(ByteBuffer header) throws IOException {
            int count = header.getShort(56) & 0xffff;
            require(header.getShort(54) == PROGRAM_HEADER_BYTES, "its program headers have an unknown size");
            require(count <= MAX_PROGRAM_HEADERS, "it has " + count + " program headers");
            ByteBuffer headers = at(header.getLong(32), count * PROGRAM_HEADER_BYTES);
            for (int i = 0; i < count; i++) {
                int from = i * PROGRAM_HEADER_BYTES;
                long begin = headers.getLong(from + 8);
                long bytes = headers.getLong(from + 32);
                if (headers.getInt(from) == PT_LOAD) {
                    segments.add(new long[] {headers.getLong(from + 16), begin, bytes});
                } else if (headers.getInt(from) == PT_DYNAMIC) {
                    dynamic(begin, bytes);
                }
            }
        }

        /** Pairs of a tag and a value, until a tag of 0. */
        private void dynamic(long begin, long bytes) throws IOException {
            require(bytes >= 0 && bytes <= MAX_DYNAMIC_BYTES, "its dynamic section has " + bytes + " bytes");
            ByteBuffer section = at(begin, (int) bytes);
            for (int from = 0; from + 16 <= bytes && section.getLong(from) != 0; from += 16) {
                entries.add(new long[] {section.getLong(from), section.getLong(from + 8)});
            }
        }

        ElfFile elf() throws IOException {
            List<String> needed = new ArrayList<>();
            List<Path> searchPath = new ArrayList<>();
            for (long[] entry : entries) {
                if (entry[0] == DT_NEEDED) {
                    needed.add(string(entry[1]));
                } else if (entry[0] == DT_RPATH || entry[0] == DT_RUNPATH) {
                    searchPath.addAll(folders(string(entry[1])));
                }
            }
            return new ElfFile(path, machine, needed, searchPath);
        }

        private List<Path> folders(String searchPath) {
            List<Path> folders = new ArrayList<>();
            String origin = String.valueOf(path.toAbsolutePath().getParent());
            for (String folder : searchPath.split(":")) {
                String place = folder.replace("${ORIGIN}", origin).replace("$ORIGIN", origin);
                if (place.startsWith("/") && place.indexOf('\0') < 0) { // others depend on the working directory
                    folders.add(Path.of(place).normalize());
                }
            }
            return folders;
        }

        private long value(int tag) {
            for (long[] entry : entries) {
                if (entry[0] == tag) {
                    return entry[1];
                }
            }
            throw damaged("it has no dynamic section with names");
        }

        /** Where in the file an address of memory comes from. */
        private long offset(long address) {
            for (long[] segment : segments) {
                if (address >= segment[0] && address - segment[0] < segment[2]) {
                    return segment[1] + (address - segment[0]);
                }
            }
            throw damaged("the address of its names lies in no segment");
        }

        private String string(long from) throws IOException {
            require(from >= 0 && from < stringsBytes, "a name begins beyond its end");
            int most = (int) Math.min(stringsBytes - from, MAX_STRING_BYTES);
            ByteBuffer bytes = at(strings + from, most);
            int end = 0;
            while (end < most && bytes.get(end) != 0) {
                end++;
            }
            require(end < most, "a name has no end");
            return StandardCharsets.UTF_8.decode(bytes.slice(0, end)).toString();
        }

        private ByteBuffer at(long from, int bytes) throws IOException {
            require(from >= 0 && bytes >= 0 && from <= size - bytes, "it ends too early");
            ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
            while (buffer.hasRemaining() && file.read(buffer, from + buffer.position()) >= 0) {}
            require(!buffer.hasRemaining(), "it ends too early");
            return buffer.flip();
        }

        private void require(boolean good, String otherwise) {
            if (!good) {
                throw damaged(otherwise);
            }
        }

        private UserException damaged(String reason) {
            return UserException.input(path + ": cannot be read as a shared library: " + reason);
        }
    }
}
