package org.imagerl.spi.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFileTest {
    @TempDir
    Path folder;

    @Test
    void replacesAFileAndLeavesNothingBeside() throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFile.writeText(file, "old");
        AtomicFile.writeText(file, "new é");
        assertThat(file).hasContent("new é");
        assertThat(names()).containsExactly("a.txt");
    }

    @Test
    void keepsTheOldFileWhenWritingFails() throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFile.writeText(file, "old");
        assertThatThrownBy(() -> AtomicFile.writeStream(file, out -> {
                    out.write(new byte[100_000]);
                    throw new IllegalStateException("half way");
                }))
                .hasMessage("half way");
        assertThat(file).hasContent("old");
        assertThat(names()).containsExactly("a.txt");
    }

    @Test
    void saysThatTheDiskIsFull() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "needs /dev/full, which only Linux has");
        Path file = folder.resolve("a.bin");
        UserException e = catchThrowableOfType(
                UserException.class,
                () -> AtomicFile.writeStream(file, out -> {
                    try (OutputStream device = new FileOutputStream(full.toFile())) {
                        device.write(1);
                    }
                }));
        assertThat(e.kind()).isEqualTo(UserException.Kind.RESOURCES);
        assertThat(e).hasMessageContaining("a.bin").hasMessageContaining("free some space");
        assertThat(names()).isEmpty();
    }

    @Test
    void makesMissingFolders() {
        AtomicFile.writeText(folder.resolve("no/a.txt"), "x");
        assertThat(folder.resolve("no/a.txt")).hasContent("x");
    }

    @Test
    void givesTheFileThePermissionsOfAnOrdinaryNewFile() throws IOException {
        assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"), "needs POSIX permissions");
        Path ordinary = Files.writeString(folder.resolve("b"), "");
        AtomicFile.writeText(folder.resolve("a"), "");
        assertThat(Files.getPosixFilePermissions(folder.resolve("a")))
                .isEqualTo(Files.getPosixFilePermissions(ordinary));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }
}
