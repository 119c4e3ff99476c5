package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.cli.Main;
import org.imagerl.images.PngText;
import org.imagerl.spi.io.StrictJson;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code imagerl eval} of a run of two epochs. */
class EvalTest {
    @TempDir
    private static Path folder;

    private static TinyRun run;

    @BeforeAll
    static void train() {
        run = new TinyRun(folder);
        run.start();
    }

    private record Ended(int code, String out, String err) {}

    private static Ended eval(String... words) {
        List<String> all = new ArrayList<>(List.of("eval", run.path().toString()));
        all.addAll(List.of(words));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(all.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
        return new Ended(code, out.toString(), err.toString());
    }

    private static JsonNode rewards(Path results) {
        return StrictJson.object(results.resolve("summary.json")).path("rewards");
    }

    /** What is sampled is what the run itself evaluated, before training and at its end. */
    @Test
    void onTheRunsOwnPairsTheMeansAreThoseOfItsLog() throws IOException {
        Path out = folder.resolve("own");
        Ended ended = eval(
                "--checkpoint",
                "2",
                "--reward",
                "{type: jpeg-compressibility, name: again, weight: 7}",
                "--images",
                "--out",
                out.toString());
        assertThat(ended.code()).as(ended.err()).isZero();
        Map<Long, Map<String, Double>> rows = run.rows();
        JsonNode line = rewards(out).path("jpeg-compressibility");
        assertThat(line.path("base").asDouble()).isEqualTo(rows.get(0L).get("evaluation_jpeg-compressibility_mean"));
        assertThat(line.path("tuned").asDouble()).isEqualTo(rows.get(2L).get("evaluation_jpeg-compressibility_mean"));
        assertThat(line.path("pairs").asInt()).isEqualTo(4);
        assertThat(line.path("low").asDouble()).isLessThan(line.path("change").asDouble());
        assertThat(rewards(out).path("again")).isEqualTo(line);
        assertThat(rewards(out).path("reward"))
                .as("what is added has no weight")
                .isEqualTo(line);
        assertThat(Files.readAllLines(out.resolve("scores.csv"))).hasSize(5);
        assertThat(PngText.read(out.resolve("tuned/00002.png"))).containsEntry("prompt", "the photo");
        assertThat(ended.out()).contains("jpeg-compressibility", "written: " + out);
        assertThat(run.names()).as("nothing is written into the run").doesNotContain("own", "eval");
    }

    @Test
    void otherPromptsAndSeedsAreOtherImages() throws IOException {
        Files.writeString(folder.resolve("others.txt"), "the cat\n");
        Path out = folder.resolve("others");
        Ended ended = eval(
                "--prompts",
                folder.resolve("others.txt").toString(),
                "--samples",
                "3",
                "--seed",
                "9",
                "--set",
                "evaluation.steps=1",
                "--out",
                out.toString());
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(rewards(out).path("reward").path("pairs").asInt()).isEqualTo(3);
        assertThat(ended.out()).contains("epoch ", "ddim, 1 step");
        assertThat(Files.readString(out.resolve("scores.csv")))
                .contains("the cat")
                .doesNotContain("dog");
    }

    @Test
    void whatIsNotThereIsSaid() {
        assertThat(eval("--checkpoint", "7").err()).contains("no whole checkpoint \"7\"", "one of the epochs [1, 2]");
        assertThat(eval(
                                "--reward",
                                "jpeg-compressibility",
                                "--out",
                                folder.resolve("x").toString())
                        .err())
                .contains("the run has a reward of this name");
        assertThat(folder.resolve("x")).doesNotExist();
        Path within = run.path().resolve("new/evaluation");
        assertThat(eval("--out", within.toString()).err()).contains("lies in the folder of the run");
        assertThat(within.getParent()).doesNotExist();
    }
}
