package org.imagerl.latent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointWriterTest {
    @TempDir
    Path folder;

    @Test
    void aPlaceThatCannotBeWrittenIsNoLackOfSpaceAndIsNamedOnce() throws IOException {
        Path target = Files.writeString(folder.resolve("file"), "").resolve("merged");
        assertThatThrownBy(() -> CheckpointWriter.write(folder, target, List.of(), "float16"))
                .isInstanceOfSatisfying(
                        UserException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(UserException.Kind.ENVIRONMENT))
                .hasMessageStartingWith(target + ": cannot be written")
                .hasMessageNotContaining(".tmp");
    }
}
