package org.imagerl.spi.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnfinishedTest {
    /** More than any system gives: 2^22 at most on Linux. */
    private static final String DEAD = Long.toString(1L << 40, Character.MAX_RADIX);

    @TempDir
    Path folder;

    @Test
    void theFirstFileThatIsWrittenIntoAFolderDeletesWhatAKilledProcessLeft() throws IOException {
        Path file = Files.writeString(folder.resolve(".report.md." + DEAD + "-0a1b2c.imagerl.tmp"), "half");
        Path tree = Files.createDirectories(folder.resolve(".merged." + DEAD + "-ffffff.imagerl.tmp/unet"));
        Files.writeString(tree.resolve("weights"), "half");
        AtomicFile.writeText(folder.resolve("report.md"), "whole");
        assertThat(file).doesNotExist();
        assertThat(tree.getParent()).doesNotExist();
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(folder.resolve("report.md"));
        }
    }

    @Test
    void whatALivingProcessWritesStays() throws IOException {
        Path mine = Files.writeString(Unfinished.beside(folder.resolve("a.csv")), "being written");
        Unfinished.deleteAbandoned(folder);
        assertThat(mine).exists();
    }

    @Test
    void whatIsOlderThanTheProcessThatHasTheNumberNowIsDeleted() throws IOException {
        Path old = Files.writeString(Unfinished.beside(folder.resolve("a.csv")), "of an earlier container");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(86400 * 365)));
        Unfinished.deleteAbandoned(folder);
        assertThat(old).doesNotExist();
    }

    @Test
    void filesOfOtherProgramsStay() throws IOException {
        for (String name : new String[] {
            ".a." + DEAD + "-0a1b2c.tmp",
            "a." + DEAD + "-0a1b2c.imagerl.tmp",
            ".a.imagerl.tmp",
            ".a.!-0a1b2c.imagerl.tmp"
        }) {
            Files.writeString(folder.resolve(name), "");
        }
        Unfinished.deleteAbandoned(folder);
        try (var left = Files.list(folder)) {
            assertThat(left).hasSize(4);
        }
    }

    @Test
    void linksAreDeletedAndNotFollowed() throws IOException {
        Path precious =
                Files.writeString(Files.createDirectory(folder.resolve("data")).resolve("a"), "precious");
        Path link =
                Files.createSymbolicLink(folder.resolve(".a." + DEAD + "-0a1b2c.imagerl.tmp"), precious.getParent());
        Unfinished.deleteAbandoned(folder);
        assertThat(Files.isSymbolicLink(link)).isFalse();
        assertThat(precious).exists();
    }
}
