package org.imagerl.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class LibraryTest {
    @TempDir
    private Path folder;

    private Api api() {
        return new Api(new Library(List.of(folder), TinyRuns.at(0)), TinyRuns.at(0));
    }

    private static JsonNode answer(Api api, String question, String... arguments) {
        return api.answer(question, List.of(arguments)).orElseThrow();
    }

    @Test
    void aStudyHasItsTablesAndItsRuns() throws IOException {
        Path raw = Files.createDirectories(folder.resolve("speed/raw"));
        Files.writeString(
                folder.resolve("speed/report.md"), "# Which?\n\n| arm | after |\n| --- | --- |\n| awm | 0.7 |\n");
        Files.writeString(raw.resolve("awm-seed0.jsonl"), "{\"step\":1,\"reward_mean\":0.5}\n");
        Files.writeString(raw.resolve("awm-seed0.yaml"), "epochs: 1\n");
        image(raw.resolve("before-training.png"));
        image(raw.resolve("awm-seed0.png"));
        Api api = api();
        assertThat(api.sources().keySet()).containsExactly("0/speed", "0/speed/raw/awm-seed0");
        JsonNode runs = answer(api, "runs").path("runs");
        assertThat(runs.get(0).path("question").asString()).isEqualTo("Which?");
        assertThat(runs.get(1).path("name").asString()).isEqualTo("speed / awm-seed0");
        assertThat(runs.get(1).path("state").asString()).isEqualTo("finished");
        assertThat(answer(api, "details", "0/speed")
                        .path("tables")
                        .get(0)
                        .path("rows")
                        .toString())
                .isEqualTo("[[\"awm\",\"0.7\"]]");
        assertThat(answer(api, "details", "0/speed/raw/awm-seed0")
                        .path("image_sets")
                        .valueStream()
                        .map(set -> set.path("title").asString()))
                .containsExactly("before training", "at the end");
        assertThat(api.image("0/speed/raw/awm-seed0", "0", "grid")).isPresent();
    }

    @Test
    void aFolderThatIsNotThereYetIsShownWhenItIs() throws IOException {
        Path runs = folder.resolve("runs");
        Api api = new Api(new Library(List.of(runs), TinyRuns.at(0)), TinyRuns.at(0));
        assertThat(answer(api, "runs").path("problems").get(0).asString()).isEqualTo(runs + " is not there yet");
        Files.createDirectories(runs.resolve("first"));
        Files.writeString(runs.resolve("first/config.yaml"), "epochs: 1\n");
        JsonNode later = answer(api, "runs");
        assertThat(later.path("problems")).isEmpty();
        assertThat(later.path("runs").get(0).path("name").asString()).isEqualTo("first");
    }

    private static void image(Path file) {
        PngWriter.write(file, new RgbImage(1, 1, new byte[] {1, 2, 3}), Map.of());
    }

    @Test
    void twoFilesOfScoresAreCompared() throws IOException {
        Path images = Files.createDirectory(folder.resolve("images"));
        image(images.resolve("x.png"));
        image(images.resolve("y.png"));
        for (String name : List.of("a", "b")) {
            Files.writeString(
                    folder.resolve(name + ".csv"),
                    "file_name,prompt,ocr,error\nx.png,one," + (name.equals("a") ? "0.25" : "0.75")
                            + ",\ny.png,two,0.5,\nz.png,three,,\"ocr: no letters\"\n");
            Files.writeString(
                    folder.resolve(name + ".header.json"),
                    "{\"images\":\"" + images.toString().replace("\\", "/") + "\",\"rewards\":{}}");
        }
        Files.writeString(folder.resolve("other.csv"), "a,b\n1,2\n");
        Api api = api();
        assertThat(api.sources().keySet()).containsExactly("0/a.csv", "0/b.csv");
        assertThat(answer(api, "runs").path("runs").get(0).path("failed").asInt())
                .isEqualTo(1);
        JsonNode comparison = answer(api, "compare", "0/a.csv", "0/b.csv");
        assertThat(comparison.path("lines").get(0).path("winRate").asDouble()).isEqualTo(0.75);
        assertThat(comparison.path("pairs").get(0).toString())
                .isEqualTo("{\"nameA\":\"x.png\",\"nameB\":\"x.png\",\"prompt\":\"one\",\"a\":0.25,\"b\":0.75}");
        JsonNode details = answer(api, "details", "0/a.csv");
        assertThat(details.path("tables").get(0).path("rows").get(0).get(1).asString())
                .isEqualTo("2");
        assertThat(details.path("rewards").path("failures").toString()).contains("z.png", "no letters");
        assertThat(answer(api, "images", "0/a.csv", "1").get(0).path("name").asString())
                .isEqualTo("y.png");
        assertThat(api.image("0/a.csv", "pair", "x.png")).contains(images.resolve("x.png"));
        assertThat(api.image("0/a.csv", "pair", "../b.csv")).isEmpty();
    }

    @Test
    void aRunThatTheUserNamesIsFoundWithoutItsName() throws IOException {
        TinyRuns.run(folder, 1, "a sign");
        assertThat(api().sources().keySet()).containsExactly("0");
    }
}
