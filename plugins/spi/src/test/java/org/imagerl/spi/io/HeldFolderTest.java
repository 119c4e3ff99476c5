package org.imagerl.spi.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.spi.Progress;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldFolderTest {
    @TempDir
    private Path scratch;

    @Test
    void aFolderThatIsMovedIsMissedEvenIfAnotherTakesItsPlace() throws IOException {
        Path folder = Files.createDirectory(scratch.resolve("a"));
        HeldFolder held = HeldFolder.of(folder);
        Progress watched = held.watching((stage, done, total, detail) -> {});
        watched.update("epoch", 1, 2, "");
        Files.move(folder, scratch.resolve("b"));
        assertThatThrownBy(held::requireThere)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("was moved or deleted while it was written into");
        Files.createDirectory(folder);
        assertThatThrownBy(() -> watched.update("epoch", 2, 2, "")).isInstanceOf(UserException.class);
        Files.delete(folder);
        Files.move(scratch.resolve("b"), folder);
        held.requireThere();
    }

    @Test
    void aFolderThatIsMovedWhileItIsFilledIsNotPublishedInPart() {
        Path target = scratch.resolve("whole");
        assertThatThrownBy(() -> Folders.publish(target, beside -> {
                    AtomicFile.writeText(beside.resolve("first"), "1");
                    Files.move(beside, scratch.resolve("elsewhere"));
                    AtomicFile.writeText(beside.resolve("second"), "2");
                }))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(target + ": the folder was moved or deleted");
        assertThat(target).doesNotExist();
    }
}
