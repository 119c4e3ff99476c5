package org.imagerl.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.imagerl.images.ExifOrientation;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.data.Example;
import org.imagerl.testkit.DataSourceContract;
import org.imagerl.testkit.TestImages;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders with a file of the caption beside each image, and with repeats in the names of their folders. */
class CaptionedFolderTest extends DataSourceContract {
    @TempDir
    private Path folder;

    private final List<String> warnings = new ArrayList<>();

    /** Of the share that is held out, 0.315, "a cat" and "a dog" are not and "a bird, blue" is. */
    @Override
    protected DataSource open(Path place, ImageSize size) {
        image(place.resolve("a.png"), "a bird, blue", size.width(), size.height());
        image(place.resolve("2_a cat/b.png"), null, size.width(), size.height());
        image(place.resolve("2_a cat/c.png"), "a dog", size.width(), size.height());
        return read(
                place, new ImageTable.Settings(null, ".", null, 0.315, Fit.REFUSE, false, ExifOrientation.APPLY, null));
    }

    private static void image(Path file, @Nullable String caption, int width, int height) {
        try {
            Files.createDirectories(file.resolveSibling("."));
            PngWriter.write(file, TestImages.gradient(width, height), Map.of());
            if (caption != null) {
                Files.writeString(Path.of(file.toString().replace(".png", ".txt")), caption);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private DataSource read(Path place, ImageTable.Settings settings) {
        return ImageTableReader.read(Columns.DEMONSTRATIONS, settings, new Context(place, "cpu", 1, warnings::add));
    }

    private static ImageTable.Settings settings(String images, Fit fit, ExifOrientation orientation) {
        Buckets buckets = fit == Fit.CROP ? new Buckets(8, 2, false) : null;
        return new ImageTable.Settings(null, images, null, 0, fit, false, orientation, buckets);
    }

    private static List<String> captions(DataSource source) {
        return IntStream.range(0, source.size())
                .mapToObj(source::example)
                .map(example -> example.prompt().text())
                .toList();
    }

    @Test
    void imagesOfFoldersWithRepeatsComeAsOftenAsTheirNameSays() {
        image(folder.resolve("own.png"), "own", 64, 64);
        image(folder.resolve("3_a dog/x.png"), "x", 100, 60);
        image(folder.resolve("3_a dog/none.png"), null, 30, 100);
        image(folder.resolve("0_left out/y.png"), "y", 64, 64);
        image(folder.resolve("other/z.png"), "z", 64, 64);
        ImageSize run = new ImageSize(32, 32);
        try (DataSource source = read(folder, settings(".", Fit.CROP, ExifOrientation.APPLY))) {
            source.check(run);
            assertThat(captions(source)).containsExactly("own", "a dog", "a dog", "a dog", "x", "x", "x");
            assertThat(source.size(source.example(0), run)).isEqualTo(run);
            assertThat(source.size(source.example(1), run)).isEqualTo(new ImageSize(24, 40));
            assertThat(source.size(source.example(6), run)).isEqualTo(new ImageSize(40, 24));
            assertThat(source.files())
                    .extracting(file -> String.valueOf(file.getFileName()))
                    .containsExactly("own.txt", "x.txt");
        }
        assertThat(warnings).anyMatch(line -> line.contains("not looked into \"0_left out\", \"other\""));
    }

    @Test
    void imagesWithoutCaptionAreNamedTogether() throws IOException {
        image(folder.resolve("a.png"), null, 8, 8);
        image(folder.resolve("b.png"), " ", 8, 8);
        image(folder.resolve("5/c.png"), null, 8, 8);
        assertThatThrownBy(() -> read(folder, settings(".", Fit.REFUSE, ExifOrientation.APPLY)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a.png: has no caption; expected it in a.txt")
                .hasMessageContaining("b.png: has no caption")
                .hasMessageContaining("c.png: has no caption");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> read(empty, settings(".", Fit.REFUSE, ExifOrientation.APPLY)))
                .hasMessageContaining("has no examples to train on: it has no images (png, ");
    }

    @Test
    void aFolderMayHaveItsTable() throws IOException {
        image(folder.resolve("a.png"), "beside", 8, 8);
        Files.writeString(folder.resolve("metadata.jsonl"), "{\"file_name\": \"a.png\", \"text\": \"in the table\"}\n");
        try (DataSource source = read(folder, settings(".", Fit.REFUSE, ExifOrientation.APPLY))) {
            assertThat(captions(source)).containsExactly("in the table");
            assertThat(source.files())
                    .extracting(file -> String.valueOf(file.getFileName()))
                    .containsExactly("metadata.jsonl");
        }
    }

    @Test
    void whatNamesNoImagesIsRefused() {
        ImageTable.Settings none =
                new ImageTable.Settings(null, null, null, 0, Fit.REFUSE, false, ExifOrientation.APPLY, null);
        Context context = new Context(folder, "cpu", 1, line -> {});
        assertThatThrownBy(() -> ImageTableReader.read(Columns.PAIRS, none, context))
                .hasMessage("data.file: is missing: a table with the columns prompt, chosen, rejected");
        assertThatThrownBy(() -> read(folder, none)).hasMessageContaining("or name a folder of images with captions");
        ImageTable.Settings split =
                new ImageTable.Settings(null, ".", "train", 0, Fit.REFUSE, false, ExifOrientation.APPLY, null);
        assertThatThrownBy(() -> read(folder, split)).hasMessageContaining("which has no splits");
    }

    /** A JPEG of 16 x 8 pixels, dark above bright, that asks to be turned by a quarter: the top of the file is then the right side. */
    private static void jpeg(Path file) throws IOException {
        BufferedImage image = new BufferedImage(16, 8, BufferedImage.TYPE_INT_RGB);
        for (int i = 64; i < 128; i++) {
            image.setRGB(i % 16, i / 16, 0xffffff);
        }
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        ImageIO.write(image, "jpg", plain);
        byte[] bytes = plain.toByteArray();
        ByteBuffer exif = ByteBuffer.allocate(36)
                .putInt(0xffe10022)
                .put("Exif\0\0MM\0*".getBytes(StandardCharsets.ISO_8859_1))
                .putInt(8)
                .putInt(0x00010112)
                .putShort((short) 3)
                .putInt(1)
                .putInt(0x00060000);
        ByteArrayOutputStream asking = new ByteArrayOutputStream();
        asking.write(bytes, 0, 2);
        asking.write(exif.array());
        asking.write(bytes, 2, bytes.length - 2);
        Files.write(file, asking.toByteArray());
    }

    @Test
    void imagesAreTurnedAsTheirExifDataAskFor() throws IOException {
        jpeg(folder.resolve("a.jpg"));
        Files.writeString(folder.resolve("a.txt"), "a photo");
        ImageSize turned = new ImageSize(8, 16);
        try (DataSource source = read(folder, settings(".", Fit.REFUSE, ExifOrientation.APPLY))) {
            source.check(turned);
            Example example = source.example(0);
            assertThat(source.framed(example.images().get(0), turned).framing().original())
                    .isEqualTo(turned);
            assertThat(source.image(example.images().get(0), turned).at(7, 8, 0))
                    .isLessThan(60);
            assertThat(source.image(example.images().get(0), turned).at(0, 8, 0))
                    .isGreaterThan(200);
        }
        try (DataSource source = read(folder, settings(".", Fit.REFUSE, ExifOrientation.IGNORE))) {
            assertThatThrownBy(() -> source.check(turned)).hasMessageContaining("a.jpg: has 16 x 8 pixels");
        }
    }
}
