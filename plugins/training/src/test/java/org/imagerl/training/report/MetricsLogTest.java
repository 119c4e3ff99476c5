package org.imagerl.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsAppendedIsReadBack() throws IOException {
        MetricsLog log = log();
        assertThat(log.read()).isEmpty();
        log.metrics(1, new TreeMap<>(Map.of("reward", 1e-300)));
        log.metrics(2, new TreeMap<>(Map.of("reward", Double.NaN)));
        log.metrics(3, new TreeMap<>(Map.of("reward", 0.1 + 0.2)));
        assertThat(folder.resolve("m.jsonl")).content().contains("{\"step\":2,\"reward\":null}\n");
        assertThat(log.read())
                .containsExactly(
                        new MetricsLog.Row(1, Map.of("reward", 1e-300)),
                        new MetricsLog.Row(2, Map.of("reward", Double.NaN)),
                        new MetricsLog.Row(3, Map.of("reward", 0.1 + 0.2)));
    }

    @Test
    void anUnfinishedLineIsNoLine() throws IOException {
        log().metrics(1, new TreeMap<>(Map.of()));
        Files.writeString(folder.resolve("m.jsonl"), "{\"step\":2}", StandardOpenOption.APPEND);
        assertThat(log().read()).extracting(MetricsLog.Row::step).containsExactly(1L);
        log().begin(Path.of("unused"), 5);
        log().metrics(2, new TreeMap<>(Map.of("a", 1.0)));
        assertThat(log().read()).extracting(MetricsLog.Row::step).containsExactly(1L, 2L);
    }

    @Test
    void theFormerNameOfEvaluatedImagesIsRead() throws IOException {
        Files.writeString(folder.resolve("m.jsonl"), "{\"step\":0,\"evaluation_pictures\":5.0}\n");
        assertThat(log().read()).containsExactly(new MetricsLog.Row(0, Map.of("evaluation_images", 5.0)));
    }

    @Test
    void aMalformedLineIsNamed() throws IOException {
        Files.writeString(folder.resolve("m.jsonl"), "{\"step\":1}\n{]\n{\"a\":1}\n");
        assertThatThrownBy(() -> log().read())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("m.jsonl:2: is no line of metrics");
        Files.writeString(folder.resolve("m.jsonl"), "[1]\n");
        assertThatThrownBy(() -> log().read()).hasMessageContaining("m.jsonl:1: has no step");
    }

    private MetricsLog log() {
        return new MetricsLog(folder.resolve("m.jsonl"));
    }
}
