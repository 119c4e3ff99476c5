package org.imagerl.cli.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.cli.Run;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ScoreVerbTest {
    @TempDir
    private Path folder;

    private Path images;
    private Path out;

    @BeforeEach
    void makeImages() throws IOException {
        images = Files.createDirectory(folder.resolve("images"));
        out = folder.resolve("scores.csv");
        for (int i = 0; i < 3; i++) {
            byte[] rgb = new byte[16 * 16 * 3];
            rgb[i] = -1;
            PngWriter.write(images.resolve(i + ".png"), new RgbImage(16, 16, rgb), Map.of("prompt", "black " + i));
        }
    }

    private Run score(String... more) {
        String[] args = new String[more.length + 4];
        System.arraycopy(new String[] {"score", images.toString(), "--out", out.toString()}, 0, args, 0, 4);
        System.arraycopy(more, 0, args, 4, more.length);
        return Run.of(args);
    }

    @Test
    void aFolderIsScoredToATableAndASummary() throws IOException {
        Run run = score("--reward", "jpeg-compressibility", "--reward", "{type: jpeg-incompressibility, name: big}");
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(Files.readAllLines(out)).hasSize(4);
        assertThat(Files.readAllLines(out).get(0))
                .contains("jpeg-compressibility")
                .contains("big");
        assertThat(Files.readString(out)).contains("black 2");
        assertThat(run.out()).contains("reward").contains("big");
        assertThat(folder.resolve("scores.summary.json")).content().contains("\"images\" : 3");
        String written = run.out()
                .lines()
                .filter(line -> line.startsWith("written: "))
                .findFirst()
                .orElseThrow();
        assertThat(written.substring("written: ".length()).split(", "))
                .hasSize(3)
                .allSatisfy(file -> assertThat(Path.of(file)).exists());
    }

    @Test
    void aFolderWithoutImagesNamesItsSubFoldersThatHaveSome() throws IOException {
        Path around = Files.createDirectories(folder.resolve("around"));
        Files.createDirectories(around.resolve("empty"));
        Files.move(images, around.resolve("inside"));
        Run run = Run.of("score", around.toString(), "--reward", "jpeg-compressibility", "--out", out.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains("has no images", "name one of them, \"inside\"")
                .doesNotContain("empty");
    }

    @Test
    void aCaptionThatCannotBeReadFailsOnlyRewardsThatNeedIt() throws IOException {
        Files.write(images.resolve("2.txt"), new byte[] {(byte) 0xe4, (byte) 0xf6});
        Run run = score("--reward", "jpeg-compressibility");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("no prompt found").contains("is not UTF-8");
        assertThat(Files.readString(out)).doesNotContain("UTF-8");
        Files.delete(out);
        Files.delete(folder.resolve("scores.summary.json"));
        run = score("--reward", "{type: ocr, mode: line}");
        assertThat(run.code()).isEqualTo(2);
        assertThat(Files.readString(out)).contains("is not UTF-8");
    }

    @Test
    void anUnreadableImageIsARowAndExitCode2() throws IOException {
        Files.writeString(images.resolve("broken.png"), "no image");
        Run run = score("--reward", "jpeg-compressibility");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("1 of 4 images have no score, the first: broken.png: ");
        assertThat(folder.resolve("scores.summary.json")).content().contains("\"first_error\" : \"broken.png: ");
        assertThat(Files.readAllLines(out)).hasSize(5);
    }

    @Test
    void anUnreadableImageEndsARunThatIsToFailFast() throws IOException {
        Files.writeString(images.resolve("1.png"), "no image");
        Run run = score("--reward", "jpeg-compressibility", "--fail-fast");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("1.png: has no score: ");
        assertThat(Files.readAllLines(out)).hasSize(2);
    }

    @Test
    void resultsAreNeverOverwritten() throws IOException {
        Files.writeString(out, "precious");
        Run run = score("--reward", "jpeg-compressibility");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("exists already");
        assertThat(out).hasContent("precious");
    }

    @Test
    void anUnknownRewardIsAnsweredWithTheNearest() {
        Run run = score("--reward", "jpg-compressibility");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("did you mean jpeg-compressibility?");
        assertThat(out).doesNotExist();
    }

    @Test
    void aPromptWithoutQuotesIsNotScoredByOcr() throws IOException {
        Run run = score("--reward", "ocr", "--prompt", "a sign");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("3 of 3 images have no score");
        assertThat(Files.readString(out)).contains("quote");
    }

    private static Path golden() {
        return Path.of(System.getProperty("project.root"), "src", "test", "resources", "golden");
    }

    /** What the golden CLIP makes of rgb0.png and "a photo of a cat". */
    private static double logit() throws IOException {
        JsonNode expected = JsonMapper.shared()
                .readTree(golden().resolve("onnx-clip/expected.json").toFile());
        assertThat(expected.at("/images/4").asString()).isEqualTo("rgb0.png");
        assertThat(expected.at("/prompts/0").asString()).isEqualTo("a photo of a cat");
        return expected.at("/logits_per_image/4/0").asDouble();
    }

    @Test
    void aModelFolderIsARewardByTheNameOfAPreset() throws IOException {
        Run run = Run.of(
                "score",
                golden().resolve("images").resolve("rgb0.png").toString(),
                "--prompt",
                "a photo of a cat",
                "--out",
                out.toString(),
                "--device",
                "cpu",
                "--reward",
                "pickscore=" + golden().resolve("onnx-clip"));
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        String[] cells = Files.readAllLines(out).get(1).split(",");
        assertThat(Double.parseDouble(cells[2])).isCloseTo(logit() / 26, within(1e-3 / 26));
        assertThat(folder.resolve("scores.header.json")).content().contains("model.onnx", "vocab.json", "logit / 26");
    }

    /** A copy of the golden CLIP with a manifest. */
    private Path withManifest(String yaml) throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        for (String name : new String[] {
            "model.onnx", "preprocessor_config.json", "vocab.json", "merges.txt", "tokenizer_config.json"
        }) {
            Files.copy(golden().resolve("onnx-clip").resolve(name), model.resolve(name));
        }
        Files.copy(golden().resolve("images").resolve("rgb0.png"), model.resolve("rgb0.png"));
        Files.writeString(model.resolve("reward.yaml"), yaml);
        return model;
    }

    @Test
    void aManifestSaysWhatIsReadAndVerifyChecksIt() throws IOException {
        String score = String.format(Locale.ROOT, "%.5f", 0.1 * logit() + 1);
        String manifest = """
            output: {select: logit}
            formula: {scale: 0.1, offset: 1}
            unit: tenths
            golden:
              - {image: rgb0.png, prompt: a photo of a cat, score: %s, tolerance: 1.0e-4}
            """.formatted(score);
        Path model = withManifest(manifest);
        Run verify = Run.of("reward", "verify", "--device", "cpu", model.toString());
        assertThat(verify.err()).isEmpty();
        assertThat(verify.out()).startsWith("ok   rgb0.png, prompt \"a photo of a cat\": " + score.substring(0, 6));
        Run inspect = Run.of("reward", "inspect", "--device", "cpu", model.toString());
        assertThat(inspect.out())
                .contains("0.1 * x + 1.0")
                .contains("input pixel_values")
                .contains("higher is better")
                .containsPattern("sha256 [0-9a-f]{64}  .*model.onnx");
        // A preset insists on its own formula.
        assertThat(Run.of("reward", "verify", "pickscore=" + model).code()).isEqualTo(2);
        Files.writeString(model.resolve("reward.yaml"), manifest.replace(score, "-1.5"));
        Run off = Run.of("reward", "verify", "--device", "cpu", model.toString());
        assertThat(off.code()).isEqualTo(2);
        assertThat(off.out()).startsWith("OFF  rgb0.png");
        assertThat(off.err()).contains("1 of 1 golden pairs are off");
    }

    @Test
    void aMisspeltKeyOfAManifestIsFoundOnItsLine() throws IOException {
        Path model = withManifest("unit: points\noutptu: {select: logit}\n");
        Run run = Run.of("reward", "inspect", "--device", "cpu", model.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("reward.yaml:2").contains("outptu").contains("did you mean output?");
    }

    @Test
    void aRewardThatIsMadeFromNothingTakesNoFolder() {
        Run run = score("--reward", "jpeg-compressibility=models");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("jpeg-compressibility is not made from a folder");
        Run unknown = score("--reward", "pickscor=models");
        assertThat(unknown.err()).contains("did you mean pickscore?");
        Run twice = score("--reward", "ocr", "--reward", "ocr");
        assertThat(twice.err()).contains("two rewards are named ocr");
    }

    @Test
    void aRunIsResumedAndTwoRunsAreCompared() throws IOException {
        Run first = score("--reward", "jpeg-compressibility");
        assertThat(first.code()).isZero();
        assertThat(score("--reward", "jpeg-compressibility", "--resume").code()).isZero();
        assertThat(Files.readAllLines(out)).hasSize(4);
        Path sheet = folder.resolve("sheet.png");
        Run compare = Run.of(
                "compare",
                out.toString(),
                out.toString(),
                "--sheet",
                sheet.toString(),
                "--out",
                folder.resolve("c.json").toString());
        assertThat(compare.err()).isEmpty();
        assertThat(compare.out()).contains("the second wins 50.0 %");
        assertThat(sheet).isNotEmptyFile();
        assertThat(folder.resolve("c.json")).content().contains("\"winRate\" : 0.5");
    }

    @Test
    void aComparisonWritesBothOfItsFilesOrNone() throws IOException {
        assertThat(score("--reward", "jpeg-compressibility").code()).isZero();
        Path numbers = folder.resolve("c.json");
        Path sheet = folder.resolve("sheet.png");
        Files.delete(images.resolve("0.png"));
        Run run = compare("--out", numbers, "--sheet", sheet);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("0.png");
        assertThat(numbers).doesNotExist();
        Run one = compare("--out", sheet, "--sheet", folder.resolve("./sheet.png"));
        assertThat(one.code()).isEqualTo(2);
        assertThat(one.err()).contains("--out and --sheet name one file");
    }

    private Run compare(Object... options) {
        Stream<Object> words = Stream.concat(Stream.of("compare", out, out), Arrays.stream(options));
        return Run.of(words.map(String::valueOf).toArray(String[]::new));
    }

    @Test
    void theTableFitsEightyColumnsWhateverIsScored() {
        Run run = score(
                "--reward",
                "{type: jpeg-incompressibility, name: a-reward-with-a-name-of-some-length}",
                "--reward",
                "background-brightness");
        List<String> lines = run.out().lines().toList();
        assertThat(lines.subList(0, lines.indexOf("prompts from: text prompt (3)")))
                .allMatch(line -> line.length() <= 80)
                .filteredOn(line -> line.startsWith("reward "))
                .hasSizeGreaterThan(1);
        assertThat(run.out()).contains("errors", "median", "p95", "better", "unit", "kB");
    }

    @Test
    void whereAPromptComesFromIsNamedAsTheUserKnowsIt() throws IOException {
        Files.writeString(images.resolve("prompts.txt"), "a\nb\nsays \"c\"\n");
        Run listed = score("--reward", "jpeg-compressibility");
        assertThat(listed.out()).contains("prompts from: prompts.txt (3)");
        assertThat(listed.err()).contains("\"says \\\"c\\\"\"");
        Files.delete(out);
        Files.delete(folder.resolve("scores.summary.json"));
        assertThat(score("--reward", "jpeg-compressibility", "--prompt", "a").out())
                .contains("prompts from: --prompt (3)");
    }

    @Test
    void aCaptionThatCannotBeReadFailsOnlyWhereAPromptIsNeededAndIsNamedFirst() throws IOException {
        Files.write(images.resolve("0.txt"), new byte[] {'"', (byte) 0xe9, '"'});
        Run free = score("--reward", "jpeg-compressibility");
        assertThat(free.code()).isZero();
        Files.delete(out);
        Files.delete(folder.resolve("scores.summary.json"));
        Run needed = score("--reward", "{type: ocr, mode: line}");
        assertThat(needed.code()).isEqualTo(2);
        assertThat(Files.readAllLines(out).get(1))
                .contains("no prompt was found: ", "0.txt:1: is not UTF-8", "; ocr: ");
    }
}
