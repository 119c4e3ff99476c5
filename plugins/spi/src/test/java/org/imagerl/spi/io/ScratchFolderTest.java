package org.imagerl.spi.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchFolderTest {

    @Test
    void isGoneWithAllInItButNotWithWhatItsLinksPointTo(@TempDir Path parent) throws IOException {
        Path elsewhere = Files.createDirectories(parent.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("kept"), "x");
        try (ScratchFolder scratch = ScratchFolder.in(parent)) {
            assertThat(scratch.path()).isEmptyDirectory().hasParent(parent);
            Files.writeString(
                    Files.createDirectories(scratch.path().resolve("a/b")).resolve("c"), "x");
            Files.createSymbolicLink(scratch.path().resolve("link"), elsewhere);
        }
        assertThat(parent).isDirectoryNotContaining(path -> !path.equals(elsewhere));
        assertThat(elsewhere.resolve("kept")).exists();
    }

    @Test
    void needsItsParent(@TempDir Path parent) {
        Path absent = parent.resolve("absent");
        assertThatThrownBy(() -> ScratchFolder.in(absent))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(absent.toString());
    }
}
