package org.imagerl.cli.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.cli.Run;
import org.imagerl.cli.console.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewardCliffVerbTest {
    @TempDir
    private Path folder;

    @Test
    void itPrintsATableAndRefusesWeightsThatAreNone() throws IOException {
        String file = Files.writeString(
                        folder.resolve("scores.csv"),
                        "file_name,prompt,read,small,error\na,x,1,0,\nb,x,0,1.05,\nc,x,,0,lost\n")
                .toString();
        Run run = Run.of("reward", "cliff", file, "--weight", "read=1", "--weight", "small=1");
        assertThat(run.code()).isEqualTo(ExitCode.OK);
        assertThat(run.out())
                .contains("one weight changed", "-10.0 %", "+10.0 %", "nearest jump", "share of 1 prompt ")
                .contains("1 image without a prompt or one of the scores");
        assertThat(run.out().lines().allMatch(line -> line.length() <= 80)).isTrue();
        assertThat(Run.of("reward", "cliff", file, "--weight", "read=0").err())
                .contains("--weight read must be a number other than 0");
        assertThat(Run.of("reward", "cliff", file, "--weight", "read=1", "--change", "0")
                        .err())
                .contains("--change must be above 0");
    }
}
