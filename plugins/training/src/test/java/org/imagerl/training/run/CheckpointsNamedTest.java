package org.imagerl.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsNamedTest {
    @TempDir
    private Path run;

    private void save(long step) {
        Checkpoints.of(run).save(step, Double.NaN, folder -> {
            try {
                Files.writeString(folder.resolve("weights"), "all of them");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void oneIsFoundByItsEpochAndOthersAreListed() {
        save(2);
        save(4);
        assertThat(Checkpoints.of(run).named("2")).isDirectory();
        assertThat(Checkpoints.of(run).named("best"))
                .isEqualTo(Checkpoints.of(run).named("4"));
        refused("3", "has no whole checkpoint \"3\"", "one of the epochs [2, 4]");
    }

    @Test
    void whatIsMissingIsSaidWhereNoneIsWhole() throws IOException {
        save(2);
        Path weights = Checkpoints.of(run).named("2").resolve("weights");
        Files.writeString(weights, "half");
        refused("best", "\"weights\" has another size than when it was written");
    }

    @Test
    void aRunWithoutOneIsToContinue() {
        refused("best", "has no checkpoint yet", "imagerl resume");
    }

    private void refused(String name, String... words) {
        assertThatThrownBy(() -> Checkpoints.of(run).named(name))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(words);
    }
}
