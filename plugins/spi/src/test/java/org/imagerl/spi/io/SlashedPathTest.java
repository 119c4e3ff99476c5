package org.imagerl.spi.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

class SlashedPathTest {
    @Test
    void foldersArePartedBySlashes() {
        assertThat(Folders.slashed(Path.of("a", "b", "c d"))).isEqualTo("a/b/c d");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aBackslashOfANameStays() {
        assertThat(Folders.slashed(Path.of("a", "b\\c"))).isEqualTo("a/b\\c");
    }
}
