package org.imagerl.hub.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.imagerl.hub.preprocess.Preprocess.Crop;
import org.imagerl.hub.preprocess.Preprocess.Precision;
import org.imagerl.hub.preprocess.Preprocess.Resize;
import org.imagerl.hub.preprocess.Preprocess.Rounding;
import org.imagerl.images.ResizeFilter;
import org.imagerl.spi.RgbImage;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessTest {
    @TempDir
    private Path folder;

    /** Pixels as they are, in units of bytes. */
    private static Preprocess of(Resize resize, int width, int height, Precision precision, Crop crop) {
        return new Preprocess(
                resize,
                width,
                height,
                ResizeFilter.BICUBIC,
                precision,
                crop,
                0,
                1,
                0,
                new float[3],
                new float[] {1, 1, 1},
                Preprocess.ChannelOrder.RGB);
    }

    /** An image whose red is its column and whose green is its row. */
    private static RgbImage ruler(int width, int height) {
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                rgb[(y * width + x) * 3] = (byte) x;
                rgb[(y * width + x) * 3 + 1] = (byte) y;
            }
        }
        return new RgbImage(width, height, rgb);
    }

    /** transformers crops from floor((W - w) / 2), torchvision from round((W - w) / 2), halves to the even. */
    @ParameterizedTest
    @CsvSource({"11, 8, FLOOR, 1", "11, 8, ROUND, 2", "13, 8, FLOOR, 2", "13, 8, ROUND, 2", "12, 8, ROUND, 2"})
    void cropsBeginWhereTheLibrariesBegin(int width, int crop, Rounding rounding, int left) {
        Preprocess.Input input = of(Resize.NONE, 1, 1, Precision.UINT8, new Crop(crop, 4, rounding))
                .apply(ruler(width, 4));
        assertThat(input.width()).isEqualTo(crop);
        assertThat(input.values()[0]).isEqualTo(left);
        assertThat(input.values()[crop - 1]).isEqualTo(left + crop - 1);
    }

    @Test
    void aCropLargerThanTheImageIsFilledWithBlackAsTransformersDoes() {
        Preprocess.Input input = of(Resize.NONE, 1, 1, Precision.UINT8, new Crop(6, 3, Rounding.FLOOR))
                .apply(TestImages.noise(3, 3, 1));
        // transformers pads ceil(3 / 2) = 2 columns on the left
        float[] row = new float[6];
        System.arraycopy(input.values(), 0, row, 0, 6);
        assertThat(row[0]).isZero();
        assertThat(row[1]).isZero();
        assertThat(row[2]).isEqualTo(TestImages.noise(3, 3, 1).at(0, 0, 0));
        assertThat(row[5]).isZero();
    }

    @Test
    void theShorterSideDecidesAndTheLongerIsCutOffToPixels() {
        Preprocess.Input input =
                of(Resize.SHORTEST, 224, 224, Precision.UINT8, Crop.NONE).apply(TestImages.gradient(640, 480));
        assertThat(input.height()).isEqualTo(224);
        assertThat(input.width()).isEqualTo(298); // int(224 * 640 / 480) = int(298.67)
    }

    @Test
    void theLongerSideDecidesAndTheRestIsBlack() {
        byte[] white = new byte[40 * 20 * 3];
        Arrays.fill(white, (byte) 255);
        Preprocess.Input input =
                of(Resize.LONGEST_PAD, 8, 8, Precision.FLOAT, Crop.NONE).apply(new RgbImage(40, 20, white));
        assertThat(input.width()).isEqualTo(8);
        assertThat(input.height()).isEqualTo(8);
        for (int y = 0; y < 8; y++) {
            assertThat(input.values()[y * 8 + 3]).as("row %d", y).isCloseTo(y >= 2 && y < 6 ? 255 : 0, within(1e-3f));
        }
    }

    @Test
    void floatsAreNotRoundedBetween() {
        RgbImage image = TestImages.gradient(50, 30);
        float[] bytes =
                of(Resize.SQUASH, 7, 9, Precision.UINT8, Crop.NONE).apply(image).values();
        float[] floats =
                of(Resize.SQUASH, 7, 9, Precision.FLOAT, Crop.NONE).apply(image).values();
        boolean fraction = false;
        for (int i = 0; i < bytes.length; i++) {
            assertThat(floats[i]).isCloseTo(bytes[i], within(1.2f));
            fraction |= floats[i] != Math.rint(floats[i]);
        }
        assertThat(fraction).isTrue();
    }

    @Test
    void normalisesByChannel() {
        RgbImage gray = new RgbImage(1, 1, new byte[] {(byte) 255, (byte) 128, 0});
        Preprocess.Input input = new Preprocess(
                        Resize.NONE,
                        1,
                        1,
                        ResizeFilter.BICUBIC,
                        Precision.UINT8,
                        Crop.NONE,
                        0,
                        1 / 255.0,
                        0,
                        new float[] {0.5f, 0.25f, 0.1f},
                        new float[] {0.5f, 2, 0.1f},
                        Preprocess.ChannelOrder.RGB)
                .apply(gray);
        assertThat(input.values()[0]).isCloseTo(1, within(1e-6f));
        assertThat(input.values()[1]).isCloseTo((128 / 255f - 0.25f) / 2, within(1e-6f));
        assertThat(input.values()[2]).isCloseTo(-1, within(1e-6f));
    }

    private Preprocess read(String json) throws IOException {
        Path file = folder.resolve("preprocessor_config.json");
        Files.writeString(file, json);
        return PreprocessorFile.read(file);
    }

    @Test
    void siglipSquashesAndVitIsBilinear() throws IOException {
        Preprocess siglip = read("""
                {"image_processor_type": "SiglipImageProcessor", "size": {"height": 224, "width": 192}, "resample": 3,
                 "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
                """);
        assertThat(siglip.resize()).isEqualTo(Resize.SQUASH);
        assertThat(siglip.outputWidth()).isEqualTo(192);
        assertThat(siglip.outputHeight()).isEqualTo(224);
        assertThat(siglip.crop()).isEqualTo(Crop.NONE);
        Preprocess vit = read("{\"feature_extractor_type\": \"ViTFeatureExtractor\", \"size\": 224}");
        assertThat(vit.resize()).isEqualTo(Resize.SQUASH);
        assertThat(vit.filter()).isEqualTo(ResizeFilter.BILINEAR);
        assertThat(vit.mean()).containsExactly(0.5f, 0.5f, 0.5f);
    }

    @Test
    void whatIsNotKnownIsRefusedByItsKey() {
        assertThatThrownBy(() -> read("{\"size\": {\"longest_edge\": 224}}")).hasMessageContaining("\"size\"");
        assertThatThrownBy(() -> read("{\"size\": 224, \"resample\": 0}")).hasMessageContaining("\"resample\"");
        assertThatThrownBy(() -> read("{\"size\": 224, \"image_mean\": [1, 2]}"))
                .hasMessageContaining("three numbers");
        assertThatThrownBy(() -> read("{}")).hasMessageContaining("\"size\"");
    }

    @Test
    void aManifestChangesKeyByKey() throws IOException {
        Preprocess file = read("""
                {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 224}, "crop_size": 224}
                """);
        PreprocessConfig manifest = new PreprocessConfig(
                List.of(64),
                null,
                ResizeFilter.LANCZOS,
                null,
                List.of(),
                null,
                null,
                null,
                null,
                null,
                List.of(1.0, 1.0, 1.0),
                null);
        Preprocess both = manifest.over(file);
        assertThat(both.resize()).isEqualTo(Resize.SHORTEST);
        assertThat(both.width()).isEqualTo(64);
        assertThat(both.filter()).isEqualTo(ResizeFilter.LANCZOS);
        assertThat(both.crop()).isEqualTo(Crop.NONE);
        assertThat(both.mean()).isEqualTo(file.mean());
        assertThat(both.std()).containsExactly(1, 1, 1);
    }
}
