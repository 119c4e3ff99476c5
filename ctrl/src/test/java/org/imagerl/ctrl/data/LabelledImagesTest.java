package org.imagerl.ctrl.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.imagerl.ctrl.Brightness;
import org.imagerl.ctrl.Tiny;
import org.imagerl.ctrl.control.Control;
import org.imagerl.images.ExifOrientation;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelledImagesTest {
    private static final int COUNT = 12;

    @TempDir
    private Path folder;

    private final List<String> lines = new ArrayList<>();

    @BeforeEach
    void draw() throws IOException {
        Files.createDirectories(folder.resolve("images"));
        for (int i = 0; i < COUNT; i++) {
            Tiny.write(folder.resolve("images/p" + (char) ('a' + i) + ".png"), 16, 8, 20 * i, i);
        }
    }

    private LabelledImages read(double fraction, int width, Labels... labels) {
        LabelledImages.Source source = new LabelledImages.Source("images", List.of(labels), fraction, width, 8);
        return LabelledImages.read(source, 1, Tiny.context(folder), lines::add);
    }

    private Labels table(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
        return new Labels.Table(name, "shade", 2);
    }

    private static String csv(int classOfFirst, int classOfOthers) {
        StringBuilder text = new StringBuilder("file_name,shade\n");
        for (int i = 0; i < COUNT; i++) {
            text.append("p").append((char) ('a' + i)).append(".png,");
            text.append(i < 4 ? classOfFirst : classOfOthers).append('\n');
        }
        return text.toString();
    }

    @Test
    void imagesThatAskForItAreTurnedBeforeTheirSizeIsLookedAt() throws IOException {
        for (int i = 0; i < COUNT; i++) {
            Path file = folder.resolve("images/p" + (char) ('a' + i) + ".png");
            Tiny.write(file, 8, 16, 20 * i, i);
            Files.write(file, withOrientation(Files.readAllBytes(file), 6));
        }
        Labels labels = table("labels.csv", csv(0, 1));
        assertThatThrownBy(() -> read(1, 16, labels)).hasMessageContaining("is 8 x 16, expected 16 x 8");
        LabelledImages.Source turned =
                new LabelledImages.Source("images", List.of(labels), 1, 16, 8, ExifOrientation.APPLY);
        LabelledImages read = LabelledImages.read(turned, 1, Tiny.context(folder), lines::add);
        assertThat(LabelledImages.decode(read.images().get(0).file(), turned).width())
                .isEqualTo(16);
        assertThat(lines).contains(COUNT + " of " + COUNT + " images with an EXIF orientation: turned by it");
        LabelledImages.Source stored = new LabelledImages.Source("images", List.of(labels), 1, 16, 8);
        assertThat(Fingerprint.of(turned, Tiny.context(folder)))
                .isNotEqualTo(Fingerprint.of(stored, Tiny.context(folder)));
    }

    /** A PNG file with an eXIf chunk behind its header. */
    private static byte[] withOrientation(byte[] png, int orientation) {
        ByteBuffer chunk = ByteBuffer.allocate(30)
                .put("eXIfMM\0*".getBytes(StandardCharsets.ISO_8859_1))
                .putInt(8)
                .putShort((short) 1)
                .putLong(0x0112_0003_0000_0001L)
                .putShort((short) orientation);
        CRC32 crc = new CRC32();
        crc.update(chunk.array());
        int header = 33;
        return ByteBuffer.allocate(png.length + 38)
                .put(png, 0, header)
                .putInt(26)
                .put(chunk.array())
                .putInt((int) crc.getValue())
                .put(png, header, png.length - header)
                .array();
    }

    @Test
    void tablesAndRewardsGiveSeveralControls() throws IOException {
        LabelledImages read = read(
                1,
                16,
                table("labels.csv", csv(0, 1)),
                new Labels.Scored("light", Brightness.REWARD, List.of(80.0, 160.0)));
        assertThat(read.controls()).containsExactly(new Control("shade", 2), new Control("light", 3));
        assertThat(read.images().get(0).classes()).containsExactly(0, 0);
        assertThat(read.images().get(COUNT - 1).classes()).containsExactly(1, 2);
        assertThat(lines.get(0)).isEqualTo("shade: class 0 4, class 1 8");
    }

    /** Three prompts of four images each: the level is what the prompt gives, and what the image's own noise adds is the same for every prompt. */
    private void drawPrompts(int... levels) throws IOException {
        for (int i = 0; i < COUNT; i++) {
            byte[] rgb = new byte[16 * 8 * 3];
            Arrays.fill(rgb, (byte) (levels[i / 4] + 30 * (i % 4)));
            PngWriter.write(
                    folder.resolve("images/p" + (char) ('a' + i) + ".png"),
                    new RgbImage(16, 8, rgb),
                    Map.of("prompt", "prompt " + i / 4));
        }
    }

    @Test
    void aPromptsClassIsThatOfTheMeanOfItsImages() throws IOException {
        drawPrompts(0, 50, 100);
        List<Double> thresholds = List.of(80.0, 120.0);
        LabelledImages means = read(1, 16, new Labels.PromptScored("light", Brightness.REWARD, thresholds));
        LabelledImages own = read(1, 16, new Labels.Scored("light", Brightness.REWARD, thresholds));
        int[] expected = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2}; // means 45, 95 and 145
        for (int i = 0; i < COUNT; i++) {
            assertThat(means.images().get(i).classes()).containsExactly(expected[i]);
        }
        assertThat(own.images().get(3).classes())
                .as("90 of a prompt with a mean of 45")
                .containsExactly(1);
    }

    /** Where a reward depends on the noise alone, no prompt is better than another: all have one class, while single images have several. */
    @Test
    void whatHangsOnTheNoiseAloneGivesAConstantLabel() throws IOException {
        drawPrompts(40, 40, 40);
        List<Double> thresholds = List.of(80.0);
        assertThat(read(1, 16, new Labels.Scored("light", Brightness.REWARD, thresholds))
                        .images()
                        .get(3)
                        .classes())
                .containsExactly(1);
        assertThatThrownBy(() -> read(1, 16, new Labels.PromptScored("light", Brightness.REWARD, thresholds)))
                .hasMessageContaining("light: class 0 0, class 1 12");
    }

    @Test
    void aMeanNeedsPromptsAndMoreThanOneImageOfEach() throws IOException {
        Labels labels = new Labels.PromptScored("light", Brightness.REWARD, List.of(80.0));
        assertThatThrownBy(() -> read(1, 16, labels)).hasMessageContaining("pa.png: has no prompt in it");
        drawPrompts(0, 50, 100);
        Files.delete(folder.resolve("images/pa.png"));
        Files.delete(folder.resolve("images/pb.png"));
        Files.delete(folder.resolve("images/pc.png"));
        assertThatThrownBy(() -> read(1, 16, labels)).hasMessageContaining("pd.png: is the only image of its prompt");
    }

    @Test
    void linesOfJsonAndSubFoldersDoToo() throws IOException {
        Labels json = table(
                "labels.jsonl",
                csv(1, 0)
                        .lines()
                        .skip(1)
                        .map(line -> "{\"file_name\": \"" + line.replace(",", "\", \"shade\": ") + "}\n")
                        .reduce("", String::concat));
        assertThat(read(1, 16, json).images().get(0).classes()).containsExactly(1);
        for (String name : List.of("dark", "light")) {
            Files.createDirectories(folder.resolve("images").resolve(name));
            for (int i = 0; i < 2; i++) {
                Tiny.write(folder.resolve("images/" + name + "/" + i + ".png"), 16, 8, 9, i);
            }
        }
        LabelledImages read = read(1, 16, new Labels.Folders("shade"));
        assertThat(read.controls()).containsExactly(new Control("shade", 2));
        assertThat(read.images()).hasSize(4);
        assertThat(lines).endsWith("shade: class 0 is dark, class 1 is light", "shade: class 0 2, class 1 2");
    }

    @Test
    void labelsMayHaveFieldsThatNobodyNeedsAndFoldersFilesOfSystems() throws IOException {
        String plain = fingerprint(table("labels.csv", csv(0, 1)));
        Files.writeString(folder.resolve("images/._pa.png"), "no image");
        Files.createDirectory(folder.resolve("images/__MACOSX"));
        assertThat(fingerprint(table("labels.csv", csv(0, 1)))).isEqualTo(plain);
        Files.writeString(folder.resolve("images/q.heic"), "");
        StringBuilder table = new StringBuilder("\uFEFF,file_name,shade,x,x\r\n");
        StringBuilder lines = new StringBuilder();
        csv(0, 1).lines().skip(1).forEach(line -> {
            table.append("7,").append(line).append(",1,2\r\n");
            lines.append("{\"tags\": [1], \"score\": NaN, \"file_name\": \"")
                    .append(line.replace(",", "\", \"shade\": "))
                    .append("}\n");
        });
        assertThat(read(1, 16, table("labels.csv", table.toString())).images()).hasSize(COUNT);
        assertThat(this.lines).contains("1 file is skipped: \"q.heic\" (.heic is not read)");
        assertThat(read(1, 16, table("labels.jsonl", lines.toString())).images())
                .hasSize(COUNT);
    }

    @Test
    void theSeedChoosesAFractionAndWhatIsHeldOut() throws IOException {
        Labels labels = table("labels.csv", csv(0, 1));
        LabelledImages all = read(1, 16, labels);
        assertThat(read(0.75, 16, labels).images()).hasSize(9);
        assertThat(all.heldOut(0.25, 5)).hasSize(3).isEqualTo(all.heldOut(0.25, 5));
        assertThat(all.heldOut(0.25, 5).stream()
                        .map(i -> all.images().get(i).classes()[0])
                        .distinct())
                .hasSize(2);
    }

    @Test
    void theFingerprintDependsOnImagesAndTables() throws IOException {
        String begun = fingerprint(table("labels.csv", csv(0, 1)));
        assertThat(fingerprint(table("labels.csv", csv(0, 1)))).isEqualTo(begun);
        assertThat(fingerprint(table("labels.csv", csv(1, 0))))
                .as("of as many bytes")
                .isNotEqualTo(begun);
        Files.delete(folder.resolve("images/pa.png"));
        assertThat(fingerprint(table("labels.csv", csv(0, 1)))).isNotEqualTo(begun);
    }

    private String fingerprint(Labels labels) {
        return Fingerprint.of(new LabelledImages.Source("images", List.of(labels), 1, 16, 8), Tiny.context(folder));
    }

    @Test
    void whatCannotBeLearnedIsRefused() throws IOException {
        assertThatThrownBy(() -> read(1, 16, table("a.csv", csv(0, 2))))
                .hasMessageContaining("a.csv:")
                .hasMessageContaining("0 to 1");
        assertThatThrownBy(() -> read(1, 16, table("b.csv", csv(1, 1))))
                .hasMessageContaining("classes [0] have fewer than two images");
        assertThatThrownBy(() -> read(1, 16, table("c.csv", "file_name,shade\npa.png,0\n")))
                .hasMessageContaining("has no label of");
        assertThatThrownBy(() -> read(1, 16, table("d.csv", "file_name,other\npa.png,0\n")))
                .hasMessageContaining("needs the columns file_name and shade");
        assertThatThrownBy(() -> read(1, 16, table("e.csv", "file_name,shade\npa.png,0\npa.png,1\n")))
                .hasMessageContaining("labelled twice");
        assertThatThrownBy(() -> read(1, 16, table("f.txt", ""))).hasMessageContaining(".csv and .jsonl");
        assertThatThrownBy(() -> read(1, 16, new Labels.Folders("shade"))).hasMessageContaining("0 sub-folders");
        assertThatThrownBy(() -> read(1, 32, new Labels.Scored("light", Brightness.REWARD, List.of(100.0))))
                .hasMessageContaining("is 16 x 8, expected 32 x 8");
        assertThatThrownBy(() -> read(1, 32, table("g.csv", csv(0, 1))))
                .hasMessageContaining("pa.png: is 16 x 8, expected 32 x 8");
        assertThatThrownBy(() -> read(1, 16, new Labels.Scored("light", Brightness.OF_GROUPS, List.of(100.0))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("brightness scores groups of images");
        assertThatThrownBy(() -> new Labels.Scored("light", Brightness.REWARD, List.of(2.0, 1.0)))
                .hasMessageContaining("ascending");
        assertThatThrownBy(() -> new LabelledImages.Source("p", List.of(), 1, 8, 8))
                .hasMessageContaining("at least one source");
        assertThatThrownBy(() -> read(1, 16, new Labels.Table("x.csv", "shade", 1)))
                .hasMessageContaining("one class says nothing");
    }
}
