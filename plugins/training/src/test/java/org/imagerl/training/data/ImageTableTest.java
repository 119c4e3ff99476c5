package org.imagerl.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.config.RegistryPartCodec;
import org.imagerl.config.registry.Registry;
import org.imagerl.images.ExifOrientation;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.TableFormat;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.data.Example;
import org.imagerl.spi.data.FramedImage;
import org.imagerl.spi.data.Framing;
import org.imagerl.spi.data.StoredImage;
import org.imagerl.testkit.DataSourceContract;
import org.imagerl.testkit.TestImages;
import org.imagerl.toolkit.recipe.SimpleFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageTableTest extends DataSourceContract {
    @TempDir
    private Path folder;

    @Override
    protected DataSource open(Path place, ImageSize size) {
        png(place, "a.png", size.width(), size.height());
        png(place, "b.png", size.width(), size.height());
        write(place, "pairs.csv", """
            prompt,chosen,rejected,seed
            a cat,a.png,b.png,7
            a dog,b.png,a.png,
            a cat,b.png,a.png,
            "a bird, blue",a.png,b.png,
            """);
        return read(Columns.PAIRS, place, settings("pairs.csv", 0.315, Fit.REFUSE));
    }

    private static void png(Path folder, String name, int width, int height) {
        PngWriter.write(folder.resolve(name), TestImages.gradient(width, height), Map.of());
    }

    private static void write(Path folder, String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ImageTable.Settings settings(String file, double heldOut, Fit fit) {
        return new ImageTable.Settings(file, null, null, heldOut, fit, false, ExifOrientation.APPLY, null);
    }

    private static DataSource read(Columns columns, Path folder, ImageTable.Settings settings) {
        return ImageTableReader.read(columns, settings, new Context(folder, "cpu", 1, line -> {}));
    }

    private DataSource pairs(String table) {
        write(folder, "pairs.csv", table);
        return read(Columns.PAIRS, folder, settings("pairs.csv", 0, Fit.REFUSE));
    }

    private static List<String> files(Example example) {
        return example.images().stream()
                .map(image -> String.valueOf(Path.of(image.file()).getFileName()))
                .toList();
    }

    @Test
    void aPairHasTheChosenImageFirstAndKeepsTheOtherFields() {
        png(folder, "good.png", 8, 8);
        png(folder, "bad.png", 8, 8);
        try (DataSource source = pairs("rejected,prompt,chosen,margin\nbad.png,a cat,good.png,0.5\n")) {
            Example example = source.example(0);
            assertThat(files(example)).containsExactly("good.png", "bad.png");
            assertThat(example.images()).extracting(StoredImage::advantage).containsExactly(1.0, -1.0);
            assertThat(example.prompt().text()).isEqualTo("a cat");
            assertThat(example.prompt().metadata()).isEqualTo(Map.of("margin", "0.5"));
        }
    }

    @Test
    void demonstrationsAreReadAsHuggingFaceListsThemToo() {
        png(folder, "a.png", 8, 8);
        write(folder, "metadata.jsonl", "{\"file_name\": \"a.png\", \"text\": \"a cat\"}\n");
        write(folder, "own.jsonl", "{\"image\": \"a.png\", \"prompt\": \"a cat\"}\n");
        for (String table : List.of("metadata.jsonl", "own.jsonl")) {
            try (DataSource source = read(Columns.DEMONSTRATIONS, folder, settings(table, 0, Fit.REFUSE))) {
                assertThat(source.images()).isEqualTo(1);
                assertThat(files(source.example(0))).containsExactly("a.png");
                assertThat(source.example(0).prompt().text()).isEqualTo("a cat");
                assertThat(source.example(0).images().get(0).advantage()).isEqualTo(1);
            }
        }
    }

    @Test
    void everyMistakeIsSaidWithItsLine() {
        png(folder, "a.png", 8, 8);
        png(folder, "b.png", 8, 8);
        assertThatThrownBy(() -> pairs("""
            prompt,chosen,rejected
            ,a.png,b.png
            a cat,a.png,a.png
            a cat,a.png,
            a cat,../b.png,b.png
            a cat,https://host/a.png,b.png
            a cat,a.png,b.png
            """))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("pairs.csv:2: prompt: is missing")
                .hasMessageContaining("pairs.csv:3: rejected: \"a.png\" is the other image of the pair, too")
                .hasMessageContaining("pairs.csv:4: rejected: is empty")
                .hasMessageContaining("pairs.csv:5: chosen: \"../b.png\" is not in")
                .hasMessageContaining("pairs.csv:6: chosen: \"https://host/a.png\" is an address");
        assertThatThrownBy(() -> pairs("prompt,image\na cat,a.png\n"))
                .hasMessageContaining("the header has no column named chosen; its columns are \"prompt\", \"image\"")
                .hasMessageContaining("the header has no column named rejected");
        assertThatThrownBy(() -> pairs("prompt,chosen,rejected\n,a.png,c.png\na cat,.,a.png\n"))
                .hasMessageContaining("pairs.csv: 1 image is not there: \"c.png\"")
                .hasMessageContaining("pairs.csv:2: prompt: is missing")
                .hasMessageContaining("pairs.csv:3: chosen: \".\" is no file, but a folder");
        assertThatThrownBy(() -> pairs("prompt,chosen,rejected\n"))
                .hasMessageContaining("has no examples to train on: it has no rows");
    }

    /** Before anything is trained, whatever becomes of other sizes. */
    @Test
    void whatIsNoImageIsSaidBeforeTheTraining() {
        png(folder, "a.png", 8, 8);
        write(folder, "text.png", "no image");
        write(folder, "empty.png", "");
        write(folder, "pairs.csv", "prompt,chosen,rejected\na cat,a.png,text.png\na dog,empty.png,a.png\n");
        try (DataSource source = read(Columns.PAIRS, folder, settings("pairs.csv", 0, Fit.CROP))) {
            assertThatThrownBy(() -> source.check(new ImageSize(8, 8)))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("text.png")
                    .hasMessageContaining("empty.png");
        }
    }

    @Test
    void imagesOutsideTheFolderAreReadWhereThatIsAllowed() throws IOException {
        Path images = Files.createDirectory(folder.resolve("images"));
        Path lists = Files.createDirectory(folder.resolve("lists"));
        png(images, "a.png", 8, 8);
        png(images, "b.png", 8, 8);
        write(lists, "pairs.csv", "prompt,chosen,rejected\na cat,../images/a.png,../images/b.png\n");
        assertThatThrownBy(() -> read(Columns.PAIRS, lists, settings("pairs.csv", 0, Fit.REFUSE)))
                .hasMessageContaining("is not in");
        ImageTable.Settings outside =
                new ImageTable.Settings("pairs.csv", null, null, 0, Fit.REFUSE, true, ExifOrientation.APPLY, null);
        try (DataSource source = read(Columns.PAIRS, lists, outside)) {
            assertThat(files(source.example(0))).containsExactly("a.png", "b.png");
        }
        write(lists, "named.csv", "prompt,chosen,rejected\na cat,a.png,b.png\n");
        ImageTable.Settings elsewhere = new ImageTable.Settings(
                "named.csv", "../images", null, 0, Fit.REFUSE, false, ExifOrientation.APPLY, null);
        try (DataSource source = read(Columns.PAIRS, lists, elsewhere)) {
            assertThat(files(source.example(0))).containsExactly("a.png", "b.png");
        }
    }

    /** JSON lines under another name. */
    private record Renamed() implements TableFormat {
        @Override
        public void toJsonLines(Path table, Path lines) {
            try {
                Files.copy(table, lines);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void fromJsonLines(Path lines, Map<String, ColumnType> columns, Path table) {
            throw new UnsupportedOperationException();
        }
    }

    private static final class Formats implements Plugin {
        @Override
        public String name() {
            return "formats";
        }

        @Override
        public List<Factory<? extends TableFormat, ?>> tableFormats() {
            return List.of(SimpleFactory.of("lines", "JSON lines", Renamed::new));
        }
    }

    @Test
    void theFormatsOfPluginsAreRead() {
        png(folder, "a.png", 8, 8);
        png(folder, "b.png", 8, 8);
        Context context = RegistryPartCodec.context(Registry.of(new Formats()), folder, "cpu", 1, line -> {});
        write(folder, "pairs.lines", "{\"prompt\": \"x\", \"chosen\": \"a.png\", \"rejected\": \"b.png\"}\n");
        try (DataSource source =
                ImageTableReader.read(Columns.PAIRS, settings("pairs.lines", 0, Fit.REFUSE), context)) {
            assertThat(files(source.example(0))).containsExactly("a.png", "b.png");
        }
        write(folder, "wrong.lines", "{\"prompt\": \"x\", \"chosen\": \"a.png\"}\n");
        assertThatThrownBy(() -> ImageTableReader.read(Columns.PAIRS, settings("wrong.lines", 0, Fit.REFUSE), context))
                .hasMessageContaining("wrong.lines:1: rejected: is empty");
        assertThatThrownBy(() -> read(Columns.PAIRS, folder, settings("pairs.parquet", 0, Fit.REFUSE)))
                .hasMessageContaining("imagerl-parquet");
    }

    @Test
    void aSplitIsTheRowsThatNameIt() {
        png(folder, "a.png", 8, 8);
        png(folder, "b.png", 8, 8);
        write(folder, "pairs.csv", "prompt,chosen,rejected,split\nx,a.png,b.png,train\ny,a.png,b.png,test\n");
        try (DataSource source = read(
                Columns.PAIRS,
                folder,
                new ImageTable.Settings(
                        "pairs.csv", null, "test", 0, Fit.REFUSE, false, ExifOrientation.APPLY, null))) {
            assertThat(source.size()).isEqualTo(1);
            assertThat(source.example(0).prompt().text()).isEqualTo("y");
        }
        assertThatThrownBy(() -> read(
                        Columns.PAIRS,
                        folder,
                        new ImageTable.Settings(
                                "pairs.csv", null, "dev", 0, Fit.REFUSE, false, ExifOrientation.APPLY, null)))
                .hasMessageContaining("of split \"dev\" (its splits: \"test, train\")");
    }

    /** The share is of prompts: hashes are even, and 400 of them lie within five standard deviations. */
    @Test
    void whichPromptsAreHeldOutFollowsFromTheirTextAlone() {
        png(folder, "a.png", 8, 8);
        png(folder, "b.png", 8, 8);
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            rows.add("prompt " + i + ",a.png,b.png");
        }
        write(folder, "pairs.csv", "prompt,chosen,rejected\n" + String.join("\n", rows) + "\n");
        write(folder, "few.csv", "prompt,chosen,rejected\n" + String.join("\n", rows.subList(200, 220)) + "\n");
        try (DataSource all = read(Columns.PAIRS, folder, settings("pairs.csv", 0.25, Fit.REFUSE));
                DataSource few = read(Columns.PAIRS, folder, settings("few.csv", 0.25, Fit.REFUSE))) {
            assertThat(all.size() + all.heldOut().size()).isEqualTo(400);
            assertThat(all.heldOut()).hasSizeBetween(100 - 44, 100 + 44);
            for (int i = 0; i < few.size(); i++) {
                assertThat(all.examples(few.example(i).prompt().text())).hasSize(1);
            }
            assertThat(few.heldOut())
                    .isNotEmpty()
                    .allSatisfy(
                            prompt -> assertThat(all.examples(prompt.text())).isEmpty());
        }
    }

    @Test
    void anImageOfAnotherSizeIsRefusedUnlessTheSettingsSayWhatBecomesOfIt() {
        png(folder, "a.png", 8, 8);
        png(folder, "wide.png", 24, 8);
        write(folder, "pairs.csv", "prompt,chosen,rejected\na cat,a.png,wide.png\n");
        ImageSize size = new ImageSize(8, 8);
        try (DataSource refusing = read(Columns.PAIRS, folder, settings("pairs.csv", 0, Fit.REFUSE))) {
            assertThatThrownBy(() -> refusing.check(size))
                    .hasMessageContaining("wide.png: has 24 x 8 pixels, and images of 8 x 8 are trained")
                    .hasMessageContaining("data.size: crop");
            StoredImage wide = refusing.example(0).images().get(1);
            assertThatThrownBy(() -> refusing.image(wide, size)).hasMessageContaining("24 x 8");
        }
        try (DataSource cropping = read(Columns.PAIRS, folder, settings("pairs.csv", 0, Fit.CROP))) {
            cropping.check(size);
            RgbImage middle = cropping.image(cropping.example(0).images().get(1), size);
            RgbImage whole = TestImages.gradient(24, 8);
            for (int x = 0; x < 8; x++) {
                assertThat(middle.at(x, 3, 0)).isEqualTo(whole.at(8 + x, 3, 0));
            }
        }
        try (DataSource stretching = read(Columns.PAIRS, folder, settings("pairs.csv", 0, Fit.STRETCH))) {
            RgbImage all = stretching.image(stretching.example(0).images().get(1), size);
            assertThat(all.at(7, 0, 0) - all.at(0, 0, 0)).isGreaterThan(190);
        }
    }

    private DataSource bucketed(Fit fit, boolean allowUpscale) {
        Buckets buckets = new Buckets(8, 2, allowUpscale);
        return read(
                Columns.DEMONSTRATIONS,
                folder,
                new ImageTable.Settings("images.csv", null, null, 0, fit, false, ExifOrientation.APPLY, buckets));
    }

    /** 32 x 32 in steps of 8: 24 x 40 and 40 x 24 have less than its area, 16 x 64 is too long. */
    @Test
    void imagesGoToTheSizeOfTheirProportions() {
        png(folder, "square.png", 64, 64);
        png(folder, "wide.png", 100, 60);
        png(folder, "high.png", 30, 100);
        write(folder, "images.csv", "prompt,image\na,square.png\nb,wide.png\nc,high.png\n");
        ImageSize run = new ImageSize(32, 32);
        try (DataSource source = bucketed(Fit.CROP, false)) {
            source.check(run);
            assertThat(source.sizes(run)).containsExactly(new ImageSize(40, 24), run, new ImageSize(24, 40));
            assertThat(source.size(source.example(0), run)).isEqualTo(run);
            assertThat(source.size(source.example(1), run)).isEqualTo(new ImageSize(40, 24));
            assertThat(source.size(source.example(2), run)).isEqualTo(new ImageSize(24, 40));
            StoredImage high = source.example(2).images().get(0);
            FramedImage framed = source.framed(high, new ImageSize(24, 40));
            // Resized to 24 x 80, of which rows 20 to 59 are left.
            assertThat(framed.framing()).isEqualTo(new Framing(new ImageSize(30, 100), 20, 0, new ImageSize(24, 40)));
            assertThat(framed.image().width()).isEqualTo(24);
            assertThat(framed.image().height()).isEqualTo(40);
        }
        try (DataSource source = bucketed(Fit.REFUSE, false)) {
            assertThatThrownBy(() -> source.check(run)).hasMessageContaining("images of 40 x 24 are trained");
        }
    }

    @Test
    void anImageThatIsSmallerThanItsBucketIsRefusedUnlessItMayBeEnlarged() {
        png(folder, "small.png", 34, 30);
        write(folder, "images.csv", "prompt,image\na,small.png\n");
        ImageSize run = new ImageSize(32, 32);
        try (DataSource source = bucketed(Fit.CROP, false)) {
            assertThatThrownBy(() -> source.check(run))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("small.png: has 34 x 30 pixels, and is smaller than 32 x 32")
                    .hasMessageContaining("data.buckets.allow_upscale: true");
        }
        try (DataSource source = bucketed(Fit.CROP, true)) {
            source.check(run);
        }
        write(folder, "images.csv", "prompt,image\na,small.png\n");
        try (DataSource source = bucketed(Fit.CROP, true)) {
            assertThatThrownBy(() -> source.check(new ImageSize(8, 8)))
                    .hasMessageContaining("no size but 8 x 8 itself has about its area in steps of 8 pixels");
        }
    }
}
