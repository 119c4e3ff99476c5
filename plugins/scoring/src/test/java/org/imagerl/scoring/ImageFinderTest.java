package org.imagerl.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.List;
import java.util.Map;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ImageFinderTest {
    @TempDir
    private Path folder;

    @Test
    void numberedImagesArePairedByTheirNumbersAndThatIsSaid() throws IOException {
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            png(i + ".png");
            list.append("prompt ").append(i).append('\n');
        }
        write("prompts.txt", list.toString());
        FoundImages found = look(folder, false);
        assertThat(found.items())
                .allSatisfy(item -> assertThat(item.prompt().text() + ".png").isEqualTo("prompt " + item.name()));
        assertThat(found.notices()).hasSize(2);
        assertThat(found.notices().get(0))
                .startsWith("12 images are paired with the prompts of ")
                .endsWith("\"0.png\" with \"prompt 0\" (line 1) to \"11.png\" with \"prompt 11\" (line 12)");
        assertThat(found.notices().get(1)).contains("\"2.png\" is image 3").contains("\"10.png\"");
        assertThat(found.pairing()).containsEntry("by", "order").containsEntry("first", List.of("0.png", "prompt 0"));
    }

    @Test
    void paddedAndUnpaddedNumbersTogetherAreMentioned() throws IOException {
        for (String name : List.of("a1-008.png", "a1-9.png", "a1-010.png")) {
            png(name);
        }
        write("prompts.txt", "x\ny\nz\n");
        assertThat(look(folder, false).notices()).anyMatch(line -> line.contains("begin with zeros and some do not"));
        Files.move(folder.resolve("a1-9.png"), folder.resolve("a1-009.png"));
        Files.move(folder.resolve("a1-010.png"), folder.resolve("a1-1000.png"));
        assertThat(look(folder, false).notices()).hasSize(1);
    }

    @Test
    void filesOfSystemsAreNoImagesAndWhatIsSkippedIsNamed() throws IOException {
        png("a.png");
        for (String name : List.of("._a.png", "Thumbs.db", ".hidden.png", "b.heic", "c.AVIF", "d.txt")) {
            write(name, "x");
        }
        Files.createSymbolicLink(folder.resolve("e.png"), folder.resolve("gone.png"));
        Files.createDirectory(folder.resolve("__MACOSX"));
        FoundImages found = look(folder, false);
        assertThat(found.items()).extracting(ImageItem::name).containsExactly("a.png");
        assertThat(found.notices())
                .containsExactly(
                        folder + ": 3 files are skipped: \"b.heic\" (.heic is not read), \"c.AVIF\" (.avif is not"
                                + " read), \"e.png\" (a link to a file that is not there)");
        Files.delete(folder.resolve("a.png"));
        assertThatThrownBy(() -> look(folder, false))
                .hasMessageContaining("has no images")
                .hasMessageContaining("b.heic");
    }

    @Test
    void captionsMayHaveMarksAndLinesAndOthersAreNamed() throws IOException {
        for (String name : List.of("bom", "caption", "crlf", "lines", "utf16", "latin", "empty", "chunk")) {
            PngWriter.write(folder.resolve(name + ".png"), image(), Map.of("prompt", "chunk"));
        }
        write("bom.txt", "\uFEFFa sign\n");
        write("caption.caption", "a sign");
        write("crlf.txt", "a sign\r\n");
        write("lines.txt", "a\r\nsign\r\n");
        Files.write(folder.resolve("utf16.txt"), "\uFEFFa sign".getBytes(StandardCharsets.UTF_16LE));
        Files.write(folder.resolve("latin.txt"), "für".getBytes(StandardCharsets.ISO_8859_1));
        write("empty.txt", "");
        Map<String, String> expected = Map.of(
                "bom.png", "a sign",
                "caption.png", "a sign",
                "crlf.png", "a sign",
                "lines.png", "a\nsign",
                "utf16.png", "a sign",
                "empty.png", "",
                "chunk.png", "chunk");
        for (ImageItem item : look(folder, false).items()) {
            if (item.name().equals("latin.png")) {
                assertThat(item.found().reason()).contains("latin.txt:1: is not UTF-8");
            } else {
                assertThat(item.prompt().text()).as(item.name()).isEqualTo(expected.get(item.name()));
            }
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need a privilege there")
    void theSameFolderThroughALinkIsOneFolder() throws IOException {
        Path real = Files.createDirectory(folder.resolve("real"));
        png("real/a.png");
        png("real/b.png");
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);
        write("real/x.jsonl", """
            {"file_name": "%s", "prompt": "p"}
            {"file_name": "b.png", "prompt": "q"}
            """.formatted(real.resolve("a.png")));
        for (Path images : List.of(link, folder.resolve("./real"))) {
            for (Path list : List.of(link.resolve("x.jsonl"), real.resolve("x.jsonl"))) {
                FoundImages found =
                        ImageFinder.look(images, new ImageFinder.Request(null, list, false), Tables.ON_BOARD);
                assertThat(found.items())
                        .extracting(item -> item.prompt().text())
                        .containsExactly("p", "q");
                assertThat(found.notices()).isEmpty();
            }
        }
        assertThat(ImageFinder.find(link.resolve("a.png"), null, real.resolve("x.jsonl")))
                .hasSize(1);
        write("real/y.jsonl", "{\"file_name\": \"../c.png\", \"prompt\": \"p\"}\n");
        png("c.png");
        assertThatThrownBy(() -> ImageFinder.find(link, null, link.resolve("y.jsonl")))
                .hasMessageContaining("is not in");
    }

    @Test
    void listsMayHaveFieldsThatNobodyNeedsAndImagesWithoutPrompt() throws IOException {
        png("a.png");
        png("b.png");
        write("b.txt", "a caption");
        Path list = write("x.jsonl", """
            {"file_name": "a.png", "prompt": "p", "tags": ["x"], "aesthetic": NaN}
            {"file_name": "b.png", "box": {"x": 1}}
            """);
        List<ImageItem> items = look(list, false).items();
        assertThat(items.get(0).prompt().metadata())
                .containsEntry("tags", "[\"x\"]")
                .containsEntry("aesthetic", "NaN");
        assertThat(items.get(1).prompt().text()).isEqualTo("a caption");
        assertThat(items.get(1).prompt().metadata()).containsEntry("box", "{\"x\":1}");
        write("x.jsonl", "{\"file_name\": \"a.png\"}\n{\"prompt\": \"p\"}\n");
        assertThatThrownBy(() -> look(list, false)).hasMessageContaining("x.jsonl:2: file_name: is missing");
    }

    @Test
    void aListNamesFilesOfItsFolderUnlessOthersAreAllowed() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        png("a.png");
        PngWriter.write(inner.resolve("b.png"), image(), Map.of());
        Path list = Files.writeString(
                inner.resolve("x.csv"),
                "file_name,prompt\nb.png,x\n../a.png,x\n" + folder.resolve("a.png")
                        + ",x\nC:\\a.png,x\nhttps://a/b.png,x\n");
        assertThatThrownBy(() -> look(list, false))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("x.csv:3: file_name: \"../a.png\" is not in " + inner)
                .hasMessageContaining("x.csv:4: file_name: ")
                .hasMessageContaining("x.csv:5: file_name: \"C:\\a.png\" is not in")
                .hasMessageContaining("x.csv:6: file_name: \"https://a/b.png\" is an address")
                .hasMessageContaining("--allow-outside");
        Files.writeString(list, "file_name,prompt\nb.png,x\n../a.png,x\n./../inner/b.png,x\n");
        assertThat(look(list, true).items())
                .extracting(ImageItem::file)
                .containsExactly(inner.resolve("b.png"), folder.resolve("a.png"), inner.resolve("b.png"));
    }

    @Test
    void namesAreFoundAsOtherSystemsWriteThem() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        PngWriter.write(inner.resolve("a.png"), image(), Map.of());
        String name = "\u00E9.png";
        String decomposed = Normalizer.normalize(name, Normalizer.Form.NFD);
        png(decomposed);
        assumeTrue(!Files.exists(folder.resolve(name)), "the file system composes names itself");
        png("B.PNG");
        assumeTrue(!Files.exists(folder.resolve("b.png")), "the file system knows no case");
        Path list = write("x.csv", "file_name,prompt\ninner\\a.png,x\n" + name + ",x\nb.png,x\n");
        FoundImages found = look(list, false);
        assertThat(found.items())
                .extracting(ImageItem::file)
                .containsExactly(inner.resolve("a.png"), folder.resolve(decomposed), folder.resolve("b.png"));
        assertThat(found.notices()).containsExactly(list + ": 1 image is not there: \"b.png\" (there is \"B.PNG\")");
    }

    @Test
    void theFolderThatIsAskedForIsScoredThoughTheListLiesElsewhere() throws IOException {
        Path made = Files.createDirectory(folder.resolve("made"));
        for (Path place : List.of(made, folder)) {
            PngWriter.write(place.resolve("a.png"), image(), Map.of());
        }
        PngWriter.write(made.resolve("c.png"), image(), Map.of());
        Path list = write(
                "metadata.jsonl", "{\"file_name\":\"a.png\",\"text\":\"x\"}\n{\"file_name\":\"b.png\",\"text\":\"y\"}");
        FoundImages found = ImageFinder.look(made, new ImageFinder.Request(null, list, false), Tables.ON_BOARD);
        assertThat(found.items())
                .extracting(ImageItem::file)
                .containsExactly(made.resolve("a.png"), made.resolve("b.png"));
        assertThat(found.notices())
                .containsExactly(
                        list + ": 1 image is not there: \"b.png\"",
                        "1 of the images in " + made
                                + " are not in the list metadata.jsonl and get no score, the first: \"c.png\"");
        List<ImageItem> one = ImageFinder.find(made.resolve("a.png"), null, list);
        assertThat(one).extracting(ImageItem::name).containsExactly("a.png");
        assertThatThrownBy(() -> ImageFinder.find(made.resolve("c.png"), null, list))
                .hasMessageContaining("has no entry with the file_name \"c.png\"");
        assertThatThrownBy(() -> ImageFinder.find(made, "x", list)).hasMessageContaining("give one of them");
    }

    /** As in the folder of samples of a run. A folder that has nothing else is not empty. */
    @Test
    void theSheetOfAllImagesGetsNoScore() {
        png("grid.png");
        assertThat(look(folder, false).items()).extracting(ImageItem::name).containsExactly("grid.png");
        png("a.png");
        FoundImages found = look(folder, false);
        assertThat(found.items()).extracting(ImageItem::name).containsExactly("a.png");
        assertThat(found.notices()).singleElement().asString().contains("grid.png gets no score");
    }

    private static FoundImages look(Path path, boolean outside) {
        return ImageFinder.look(path, new ImageFinder.Request(null, null, outside), Tables.ON_BOARD);
    }

    private void png(String name) {
        PngWriter.write(folder.resolve(name), image(), Map.of());
    }

    private static RgbImage image() {
        return new RgbImage(1, 1, new byte[3]);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
