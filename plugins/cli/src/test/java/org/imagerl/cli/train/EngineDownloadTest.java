package org.imagerl.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.imagerl.cli.console.Finding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineDownloadTest {
    @TempDir
    private Path cache;

    private final List<String> questions = new ArrayList<>();
    private final List<String> offline = new ArrayList<>();

    private Optional<Finding> settle(String flavour, boolean answer) {
        return new EngineDownload(flavour, "2.7.1", "linux-x86_64", cache)
                .settle(
                        question -> {
                            questions.add(question);
                            return answer;
                        },
                        () -> offline.add(System.getProperty("ai.djl.offline")));
    }

    @Test
    void nothingIsFetchedWithoutAYes() {
        assertThat(settle("cu126", false))
                .get()
                .satisfies(finding -> assertThat(finding.found()).endsWith("and it was not downloaded"))
                .satisfies(finding -> assertThat(finding.remedy()).contains("doctor --yes", "--torch PATH"));
        assertThat(questions).singleElement().asString().contains("cu126", "publish.djl.ai", cache.toString());
        assertThat(offline).isEmpty();
    }

    @Test
    void aYesLiftsTheOfflineModeForTheDownloadAlone() {
        String before = System.getProperty("ai.djl.offline");
        assertThat(settle("cu128", true)).isEmpty();
        assertThat(offline).containsExactly("false");
        assertThat(System.getProperty("ai.djl.offline")).isEqualTo(before == null ? "false" : before);
    }

    @Test
    void whatIsThereIsNotAskedFor() throws IOException {
        Path folder = Files.createDirectories(cache.resolve("2.7.1-cu128-linux-x86_64"));
        assertThat(settle("cu126", true)).isEmpty();
        assertThat(questions).as("an empty folder has no PyTorch").hasSize(1);
        Files.createFile(folder.resolve(System.mapLibraryName("torch")));
        assertThat(settle("cu126", false)).isEmpty();
        assertThat(questions).hasSize(1);
    }

    @Test
    void withoutAGpuNothingIsOffered() {
        assertThat(settle("cpu", true))
                .get()
                .extracting(Finding::remedy)
                .asString()
                .contains("driver", "--torch PATH");
        assertThat(questions).isEmpty();
        assertThat(offline).isEmpty();
    }

    @Test
    void aFailedDownloadIsAFindingWithARemedy() {
        Optional<Finding> finding = new EngineDownload("cu126", "2.7.1", "linux-x86_64", cache)
                .settle(question -> true, () -> {
                    throw new IllegalStateException("Failed to download", new IOException("publish.djl.ai"));
                });
        assertThat(finding).get().satisfies(found -> {
            assertThat(found.status()).isEqualTo(Finding.Status.BROKEN);
            assertThat(found.found()).contains("IOException: publish.djl.ai");
        });
    }
}
