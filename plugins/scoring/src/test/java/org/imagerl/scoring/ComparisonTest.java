package org.imagerl.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {
    @TempDir
    private Path folder;

    private Path results(String name, String... scores) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < scores.length; i++) {
            lines.append("{\"file_name\": \"" + i + ".png\", \"prompt\": \"a\", \"s\": " + scores[i]
                    + ", \"error\": null}\n");
        }
        return Files.writeString(folder.resolve(name), lines);
    }

    @Test
    void aNumberThatCannotBeAScoreCountsAsFailedAndIsSaid() throws IOException {
        Comparison comparison =
                Comparison.of(results("a.jsonl", "1", "2", "1e300", "4"), results("b.jsonl", "2", "3", "1", "5"), null);
        Comparison.Line line = comparison.lines().get(0);
        assertThat(line.n()).isEqualTo(3);
        assertThat(line.unusable()).isEqualTo(1);
        assertThat(line.meanA()).isCloseTo(7.0 / 3, within(1e-15));
        assertThat(line.pearson()).isCloseTo(1, within(1e-12));
        assertThat(comparison.table())
                .contains("1 numbers are beyond 1e+15 and count as failed")
                .doesNotContain("NaN");
    }

    @Test
    void filesWithoutACommonScoreSaySoInsteadOfNan() throws IOException {
        Comparison comparison = Comparison.of(results("a.jsonl", "1", "null"), results("b.jsonl", "null", "2"), null);
        assertThat(comparison.table())
                .startsWith("s: no image has a score in both files")
                .doesNotContain("NaN");
    }

    @Test
    void scoresThatAreAllEqualHaveNoCorrelation() throws IOException {
        Comparison comparison = Comparison.of(results("a.jsonl", "1", "1"), results("b.jsonl", "2", "3"), null);
        assertThat(comparison.table())
                .contains("no correlation, because the scores of one file are all equal")
                .doesNotContain("NaN");
    }

    @ParameterizedTest
    @CsvSource({
        "a.jsonl, '{\"file_name\": \"0.png\"}'",
        "a.jsonl, '{\"file_name\": \"0.png\", \"prompt\": \"a\", \"error\": null, \"details\": null}'",
        "a.csv, 'file_name,prompt,,error,details\n0.png,a,1,,'"
    })
    void aFileWithoutRewardsIsRefused(String name, String content) throws IOException {
        Path without = Files.writeString(folder.resolve(name), content.replace("\\n", "\n") + "\n");
        Path with = results("b.jsonl", "1");
        assertThatThrownBy(() -> Comparison.of(without, with, null))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(without + ": its first result has no reward");
        assertThatThrownBy(() -> Comparison.of(with, without, "s:t"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(without + ": its first result has no reward");
    }
}
