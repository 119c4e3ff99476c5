package org.imagerl.training.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.run.Tracker;
import org.imagerl.testkit.TrackerContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTrackerTest extends TrackerContract {
    @TempDir
    private Path folder;

    @Override
    protected Tracker create(Path run) {
        return new CsvTracker();
    }

    @Override
    protected List<Long> epochs(Path run) {
        return table(run)
                .lines()
                .skip(1)
                .map(line -> Long.valueOf(line.split(",", 2)[0]))
                .toList();
    }

    private static String table(Path run) {
        try {
            return Files.readString(CsvTracker.file(run));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void track(long from, List<Map<String, Double>> epochs) {
        try (Tracker tracker = create(folder)) {
            tracker.begin(folder, from - 1);
            for (int i = 0; i < epochs.size(); i++) {
                tracker.metrics(from + i, new TreeMap<>(epochs.get(i)));
            }
        }
    }

    @Test
    void aLaterMetricIsAColumnAtTheRight() {
        track(0, List.of(Map.of("m", 0.5), Map.of("a", -1e-7, "m", Double.NaN), Map.of("a", 2.0)));
        assertThat(table(folder)).isEqualTo("step,m,a\n0,0.5,\n1,,-1.0E-7\n2,,2.0\n");
        track(2, List.of(Map.of("b", 3.0)));
        assertThat(table(folder)).isEqualTo("step,m,a,b\n0,0.5,,\n1,,-1.0E-7,\n2,,,3.0\n");
    }

    @Test
    void aNameIsNoFormulaOfASpreadsheet() {
        track(0, List.of(Map.of("=HYPERLINK(\"a\",1)", 1.0)));
        assertThat(table(folder)).isEqualTo("step,\"'=HYPERLINK(\"\"a\"\",1)\"\n0,1.0\n");
        track(1, List.of(Map.of("=HYPERLINK(\"a\",1)", 2.0)));
        assertThat(table(folder)).endsWith("\n0,1.0\n1,2.0\n");
    }

    @Test
    void anUnfinishedRowIsNoRow() throws IOException {
        track(0, List.of(Map.of("m", 0.5)));
        Files.writeString(CsvTracker.file(folder), "1,0.2", StandardOpenOption.APPEND);
        track(1, List.of(Map.of("m", 0.25)));
        assertThat(table(folder)).isEqualTo("step,m\n0,0.5\n1,0.25\n");
    }

    @Test
    void aTableOfAnotherKindIsRefusedAndKept() throws IOException {
        Files.writeString(CsvTracker.file(folder), "step,m\nyes,1\n");
        assertThatThrownBy(() -> track(1, List.of()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("record 2")
                .hasMessageContaining("move the file away");
        assertThat(table(folder)).isEqualTo("step,m\nyes,1\n");
    }
}
