package org.imagerl.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class PreferencePairsTest {
    @TempDir
    private Path folder;

    private static ScoredImage image(String name, String prompt, double score) {
        return new ScoredImage(Path.of(name), prompt, score);
    }

    private static List<String> names(PreferencePairs pairs) {
        return pairs.pairs().stream()
                .map(pair -> pair.chosen().file() + ">" + pair.rejected().file())
                .toList();
    }

    private static final List<ScoredImage> IMAGES = List.of(
            image("a", "cat", 0.5),
            image("b", "dog", 1),
            image("c", "cat", 0.9),
            image("d", "cat", 0.5),
            image("e", "dog", 1),
            image("f", "bird", 0),
            image("g", "cat", 0.1));

    @Test
    void theBestAndTheWorstOfEveryPromptAreAPairIfTheirScoresDiffer() {
        PreferencePairs pairs = PreferencePairs.of(IMAGES, PreferencePairs.Choice.BEST_WORST, 0);
        assertThat(names(pairs)).containsExactly("c>g");
        assertThat(pairs.prompts()).isEqualTo(3);
        assertThat(pairs.without()).isEqualTo(2);
    }

    @Test
    void allPairsBeginWithTheWidestMarginAndKeepTheOrderOfEqualOnes() {
        assertThat(names(PreferencePairs.of(IMAGES, PreferencePairs.Choice.ALL, 0)))
                .containsExactly("c>g", "c>a", "c>d", "a>g", "d>g");
        assertThat(names(PreferencePairs.of(IMAGES, PreferencePairs.Choice.ALL, 0.4)))
                .containsExactly("c>g", "c>a", "c>d", "a>g", "d>g");
        assertThat(names(PreferencePairs.of(IMAGES, PreferencePairs.Choice.ALL, 0.41)))
                .containsExactly("c>g");
    }

    @Test
    void aMarginIsReachedInDecimalDigits() {
        List<ScoredImage> images = List.of(image("a", "cat", 0.6), image("b", "cat", 0.2));
        assertThat(names(PreferencePairs.of(images, PreferencePairs.Choice.BEST_WORST, 0.4)))
                .containsExactly("a>b"); // 0.6 - 0.2 is 0.39999999999999997
        assertThat(names(PreferencePairs.of(images, PreferencePairs.Choice.BEST_WORST, Double.POSITIVE_INFINITY)))
                .isEmpty();
    }

    @Test
    void aPromptThatASpreadsheetWouldRunGoesIntoNoCsv() {
        List<ScoredImage> images = List.of(image("a", "=1+1", 0.6), image("b", "=1+1", 0.2));
        PreferencePairs pairs = PreferencePairs.of(images, PreferencePairs.Choice.BEST_WORST, 0);
        Path csv = folder.resolve("pairs.csv");
        assertThatThrownBy(() -> pairs.write(csv))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("pairs.csv", "=1+1", ".jsonl");
        assertThat(csv).doesNotExist();
        pairs.write(folder.resolve("pairs.jsonl"));
        assertThat(folder.resolve("pairs.jsonl")).content().contains("\"prompt\":\"=1+1\"");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS) // there no name holds a backslash
    void aBackslashInANameStaysSoThatNoOtherImageIsNamed() throws IOException {
        List<ScoredImage> images =
                List.of(image(folder.resolve("a\\x.png").toString(), "cat", 1), image(folder + "/a/x.png", "cat", 0));
        Path file = folder.resolve("pairs.csv");
        PreferencePairs.of(images, PreferencePairs.Choice.BEST_WORST, 0).write(file);
        assertThat(file).content().contains("cat,a\\x.png,a/x.png,1.0,0.0");
    }

    private void png(String name, Map<String, String> texts) {
        PngWriter.write(folder.resolve(name), new RgbImage(1, 1, new byte[3]), texts);
    }

    @Test
    void resultsWithoutAScoreAreCountedAndLowerIsBetterWhereTheHeaderSaysSo() throws IOException {
        Path images = Files.createDirectory(folder.resolve("images"));
        for (String name : List.of("a.png", "b.png", "c.png")) {
            png("images/" + name, Map.of());
        }
        Path results = Files.writeString(folder.resolve("scores.csv"), """
            file_name,prompt,size,error,details
            a.png,cat,3,,
            b.png,cat,5,,
            c.png,cat,,broken,
            """);
        assertThatThrownBy(() -> PairCandidates.find(results, null, null))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("scores.header.json");
        Files.writeString(
                folder.resolve("scores.header.json"),
                "{\"images\": \"" + images + "\", \"rewards\": {\"size\": {\"higher_is_better\": false}}}");
        PairCandidates found = PairCandidates.find(results, null, null);
        assertThat(found.without()).isEqualTo(1);
        PreferencePairs pairs = PreferencePairs.of(found.images(), PreferencePairs.Choice.BEST_WORST, 0);
        assertThat(pairs.pairs().get(0).chosen().file().getFileName()).hasToString("a.png");
        Path table = folder.resolve("pairs.csv");
        assertThat(pairs.write(table)).isTrue();
        assertThat(Files.readString(table))
                .isEqualTo("prompt,chosen,rejected,chosen_score,rejected_score\r\n"
                        + "cat,images/a.png,images/b.png,-3.0,-5.0\r\n");
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        assertThat(pairs.write(elsewhere.resolve("pairs.jsonl"))).isFalse();
        assertThat(Files.readString(elsewhere.resolve("pairs.jsonl")))
                .startsWith("{\"prompt\":\"cat\",\"chosen\":\"/")
                .contains("images/a.png");
        assertThatThrownBy(() -> pairs.write(folder.resolve("pairs.txt"))).hasMessageContaining(".csv or .jsonl");
    }

    @Test
    void ofSeveralRewardsOneIsNamed() throws IOException {
        png("a.png", Map.of());
        Path results = Files.writeString(
                folder.resolve("scores.csv"), "file_name,prompt,x,y,error,details\na.png,cat,3,4,,\n");
        assertThatThrownBy(() -> PairCandidates.find(results, folder, null))
                .hasMessageContaining("has several rewards; name one of x, y by --reward");
        assertThatThrownBy(() -> PairCandidates.find(results, folder, "z"))
                .hasMessageContaining("no reward named \"z\"");
        assertThat(PairCandidates.find(results, folder, "y").images().get(0).score())
                .isEqualTo(4);
        assertThatThrownBy(() -> PairCandidates.find(folder, null, "y")).hasMessageContaining("--reward");
    }

    @Test
    void theSampleGridsOfARunHaveTheirRewardsInTheFiles() throws IOException {
        Files.createDirectories(folder.resolve("samples/step-000000000"));
        Files.createDirectories(folder.resolve("samples/step-000000003"));
        png("samples/step-000000000/p00-s0.png", Map.of("prompt", "cat", "reward", "0.250"));
        png("samples/step-000000003/p00-s0.png", Map.of("prompt", "cat", "reward", "0.750"));
        png("samples/step-000000003/grid.png", Map.of());
        PairCandidates found = PairCandidates.find(folder, null, null);
        assertThat(found.images()).extracting(ScoredImage::score).containsExactly(0.25, 0.75);
        assertThat(found.without()).isEqualTo(1);
        assertThatThrownBy(() -> PairCandidates.find(folder.resolve("samples"), null, null))
                .hasMessageContaining("has no image with a score and a prompt");
    }
}
