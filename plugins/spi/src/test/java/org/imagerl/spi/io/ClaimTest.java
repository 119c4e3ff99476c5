package org.imagerl.spi.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimTest {
    @TempDir
    private Path folder;

    @Test
    void aPlaceIsClaimedOnceHoweverItIsSpeltAndNothingIsLeft() {
        Path place = folder.resolve("new/runs/mine");
        try (Claim claim = Claim.of(place, "held")) {
            for (Path same : List.of(place, folder.resolve("new/./runs/../runs/mine"))) {
                assertThatThrownBy(() -> Claim.of(same, "held"))
                        .isInstanceOf(UserException.class)
                        .hasMessage("held");
            }
            Claim.of(folder.resolve("new/runs/other"), "held").close();
            claim.release();
        }
        assertThat(folder).isEmptyDirectory();
        Claim.of(place, "held").close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFolderThatHoldsSomethingElseIsLeft() throws IOException {
        Path place = folder.resolve("new/mine");
        Claim claim = Claim.of(place, "held");
        Files.writeString(place, "made");
        claim.close();
        assertThat(place).hasContent("made");
        assertThat(Folders.list(folder.resolve("new"))).containsExactly(place);
    }
}
