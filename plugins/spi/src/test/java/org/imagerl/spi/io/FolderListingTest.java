package org.imagerl.spi.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FolderListingTest {
    @TempDir
    private Path folder;

    @Test
    void numbersInNamesCompareAsNumbers() {
        List<String> ordered = List.of(
                "0.png",
                "01.png",
                "1.png",
                "2.png",
                "10.png",
                "10a.png",
                "99999999999999999999998.png",
                "99999999999999999999999.png",
                "a",
                "a-2-9.png",
                "a-2-10.png",
                "a-10-1.png",
                "a1",
                "b");
        List<String> shuffled = new ArrayList<>(ordered);
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(shuffled, new Random(seed));
            shuffled.sort(NaturalOrder.INSTANCE);
            assertThat(shuffled).isEqualTo(ordered);
        }
    }

    @Test
    void whatSystemsPutInFoldersIsNotListed() throws IOException {
        for (String name :
                List.of("10.png", "9.png", "._9.png", ".DS_Store", "Thumbs.db", "desktop.ini", ".hidden.png")) {
            Files.createFile(folder.resolve(name));
        }
        for (String name : List.of("sub", "__MACOSX", "@eaDir", ".git")) {
            Files.createDirectory(folder.resolve(name));
        }
        assertThat(FolderListing.of(folder))
                .containsExactly(folder.resolve("9.png"), folder.resolve("10.png"), folder.resolve("sub"));
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // it would wait for ever
    void aPipeIsNoFolderInsteadOfWaitedFor() throws IOException, InterruptedException {
        Path pipe = folder.resolve("out");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")));
        assumeTrue(
                new ProcessBuilder("/usr/bin/mkfifo", pipe.toString()).start().waitFor() == 0);
        assertThatThrownBy(() -> FolderListing.of(pipe))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("out: is no folder");
        assertThat(Folders.list(pipe)).isEmpty();
    }

    @Test
    void whatIsNoFolderIsNamed() throws IOException {
        Path file = Files.createFile(folder.resolve("a.png"));
        assertThatThrownBy(() -> FolderListing.of(file))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a.png: is no folder");
    }
}
