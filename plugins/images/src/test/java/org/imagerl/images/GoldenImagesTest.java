package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.RgbImage;
import org.imagerl.testkit.Golden;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Pixels, bicubic resize and JPEG size as Pillow has them: golden/images. */
final class GoldenImagesTest {

    @TestFactory
    List<DynamicTest> everyImageIsAsPillowHasIt() throws IOException {
        return Golden.tests("images", GoldenImagesTest::cases);
    }

    private static List<DynamicTest> cases(Path folder) throws IOException {
        Map<String, TensorFile.Bytes> tensors = TensorFile.read(folder.resolve("expected.safetensors"));
        JsonNode expected = new ObjectMapper().readTree(folder.resolve("expected.json"));
        List<DynamicTest> tests = new ArrayList<>();
        for (String file : expected.propertyNames()) {
            tests.add(DynamicTest.dynamicTest(file, () -> {
                RgbImage image = ImageDecoder.decode(folder.resolve(file));
                boolean jpeg = isJpeg(folder.resolve(file));
                checkPixels(image, tensors.get("rgb." + file), jpeg ? 2 : 0);
                checkResized(image, tensors.get("resize224." + file), jpeg ? 2 : 0);
                checkJpegBytes(image, expected.get(file).get("jpeg95_bytes").intValue());
            }));
        }
        assertThat(tests).isNotEmpty();
        return tests;
    }

    /** By its first two bytes: a file may have any name. */
    private static boolean isJpeg(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.read() == 0xff && in.read() == 0xd8;
        }
    }

    private static void checkPixels(RgbImage image, TensorFile.Bytes expected, int tolerance) {
        assertThat(image.height()).isEqualTo(expected.shape().get(0));
        assertThat(image.width()).isEqualTo(expected.shape().get(1));
        checkTopLeft(image, expected, tolerance);
    }

    /** Only the top left 240 x 240 pixels are kept; with one edge of 224 that fixes the other. */
    private static void checkResized(RgbImage image, TensorFile.Bytes expected, int tolerance) {
        RgbImage resized = PilResize.shortestEdge(image, 224);
        assertThat(Math.min(240, resized.height())).isEqualTo(expected.shape().get(0));
        assertThat(Math.min(240, resized.width())).isEqualTo(expected.shape().get(1));
        checkTopLeft(resized, expected, tolerance);
    }

    private static void checkTopLeft(RgbImage image, TensorFile.Bytes expected, int tolerance) {
        int width = expected.shape().get(1);
        int worst = 0;
        int worstAt = 0;
        for (int i = 0; i < expected.data().length; i++) {
            int pixel = i / 3;
            int difference = Math.abs(image.at(pixel % width, pixel / width, i % 3) - (expected.data()[i] & 0xff));
            if (difference > worst) {
                worst = difference;
                worstAt = i;
            }
        }
        assertThat(worst)
                .as("worst at row %d, column %d, channel %d", worstAt / 3 / width, worstAt / 3 % width, worstAt % 3)
                .isLessThanOrEqualTo(tolerance);
    }

    private static void checkJpegBytes(RgbImage image, int expected) {
        int bytes = JpegSize.bytes(image);
        assertThat(Math.abs(bytes - expected))
                .as("JPEG of %d bytes, expected %d", bytes, expected)
                .isLessThanOrEqualTo(expected / 100);
    }
}
