package org.imagerl.spi.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoundedFileTest {
    @TempDir
    private Path folder;

    @Test
    void aFileOfJustTheBoundIsRead() throws IOException {
        Path file = Files.write(folder.resolve("a.bin"), new byte[] {1, 2, 3});
        assertThat(BoundedFile.read(file, 3)).containsExactly(1, 2, 3);
        assertRefused(file, 2, "a.bin: larger than 2 bytes");
    }

    @Test
    void aDeviceIsRefusedThoughItHasNoSize() throws IOException {
        Path endless = Path.of("/dev/zero");
        assumeTrue(Files.exists(endless));
        assertRefused(endless, 100, "is a device, pipe or socket");
        Path link = Files.createSymbolicLink(folder.resolve("a.json"), endless);
        assertRefused(link, 100, "a.json: is a device, pipe or socket");
        assertThatThrownBy(() -> Sha256.of(link)).isInstanceOf(UserException.class);
        Files.delete(link); // the test engine warns of links that lead out of its folder
    }

    @Test
    void aPipeIsRefusedInsteadOfWaitedFor() throws IOException, InterruptedException {
        Path pipe = folder.resolve("pipe.txt");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")));
        assumeTrue(
                new ProcessBuilder("/usr/bin/mkfifo", pipe.toString()).start().waitFor() == 0);
        assertRefused(pipe, 100, "pipe.txt: is a device, pipe or socket");
    }

    @Test
    void aFileThatSaysItIsEmptyAndIsNotIsBoundedToo() {
        Path file = Path.of("/proc/self/maps");
        assumeTrue(Files.isRegularFile(file));
        assertRefused(file, 10, "larger than 10 bytes");
    }

    @Test
    void linksAreFollowedAndNamedWhereTheyLeadNowhere() throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), "x");
        Path link = Files.createSymbolicLink(folder.resolve("b.txt"), file);
        Path dangling = Files.createSymbolicLink(folder.resolve("c.txt"), folder.resolve("gone"));
        assertThat(BoundedFile.text(link, 10)).isEqualTo("x");
        assertRefused(dangling, 10, "c.txt: is a link to a file that is not there");
        assertRefused(folder.resolve("d.txt"), 10, "d.txt: no such file");
        assertRefused(folder, 10, "is a folder, not a file");
    }

    private static void assertRefused(Path file, int maxBytes, String message) {
        assertThatThrownBy(() -> BoundedFile.read(file, maxBytes))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(message);
    }
}
