package org.imagerl.cli.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElfFileTest {
    @TempDir
    private Path folder;

    @Test
    void whatALibraryNeedsAndWhereItLooksIsRead() throws IOException {
        Path path = new TinyElf()
                .needs("libc10.so", "libcudart.so.12")
                .searches("$ORIGIN/../b/lib:relative:${ORIGIN}:/opt")
                .write(folder.resolve("a/lib/liba.so"));
        ElfFile read = ElfFile.read(path);
        assertThat(read.machine()).isEqualTo(TinyElf.X86_64);
        assertThat(read.needed()).containsExactly("libc10.so", "libcudart.so.12");
        assertThat(read.searchPath())
                .containsExactly(folder.resolve("a/b/lib"), folder.resolve("a/lib"), Path.of("/opt"));
    }

    @Test
    void symbolsAreFoundByAPartOfTheirNames() throws IOException {
        Path path = new TinyElf().symbol("_ZNSt7__cxx1112basic_stringE").write(folder.resolve("lib/liba.so"));
        assertThat(ElfFile.mentions(path, "cxx1112basic")).isTrue();
        assertThat(ElfFile.mentions(path, "cxx98")).isFalse();
    }

    /** Every cut and every changed byte of the headers gives a library or a refusal that names the file. */
    @Test
    void damagedFilesAreRefusedByName() throws IOException {
        byte[] whole = new TinyElf().needs("libc10.so").searches("$ORIGIN").bytes();
        for (int cut = 0; cut < whole.length; cut++) {
            assertReadOrRefused(Arrays.copyOf(whole, cut));
        }
        for (int at = 0; at < whole.length; at++) {
            for (int value : new int[] {0, 1, 0x7f, 0xff}) {
                byte[] changed = whole.clone();
                changed[at] = (byte) value;
                assertReadOrRefused(changed);
            }
        }
        assertThatThrownBy(() -> ElfFile.read(Files.write(folder.resolve("x.so"), new byte[100])))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("x.so: cannot be read as a shared library: it is no shared library of Linux");
        assertThatThrownBy(() -> ElfFile.read(folder)).hasMessageContaining("is a folder");
    }

    @Test
    void aSectionOfManyGigabytesIsRefusedBeforeItTakesMemory() throws IOException {
        byte[] bytes = new TinyElf().needs("libc10.so").bytes();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(64 + 56 + 32, 1L << 40);
        assertThatThrownBy(() -> ElfFile.read(Files.write(folder.resolve("y.so"), bytes)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("its dynamic section has 1099511627776 bytes");
    }

    private void assertReadOrRefused(byte[] bytes) throws IOException {
        Path path = Files.write(folder.resolve("damaged.so"), bytes);
        try {
            assertThat(ElfFile.read(path).needed()).hasSizeLessThan(10);
        } catch (UserException e) {
            assertThat(e).hasMessageStartingWith(path.toString());
        }
    }

    @Test
    void aLibraryOfTheSystemIsRead() {
        Path java = Path.of(System.getProperty("java.home"), "lib/libjava.so");
        if (Files.exists(java)) { // Linux alone has such files
            assertThat(ElfFile.read(java).needed()).contains("libjvm.so");
        }
    }
}
