package org.imagerl.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}
