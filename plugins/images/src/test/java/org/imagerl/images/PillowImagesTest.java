package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.imagerl.spi.RgbImage;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Small files of many kinds are read to the bytes that Pillow 13.0 reads. Source: {@code src/test/compat/image_cases.py}; no tolerance.
 */
final class PillowImagesTest {
    @TestFactory
    Stream<DynamicTest> readsTheBytesThatPillowReads() throws IOException {
        Map<String, byte[]> files = unzipped();
        String sizes = new String(Objects.requireNonNull(files.get("sizes.txt")), StandardCharsets.UTF_8);
        assertThat(sizes.lines().count()).isEqualTo(99);
        return sizes.lines()
                .map(line -> line.split(" "))
                .map(line -> DynamicTest.dynamicTest(line[0], () -> {
                    RgbImage image = ImageDecoder.decode(files.get(line[0]), line[0]);
                    assertThat(image.width() + " x " + image.height()).isEqualTo(line[1] + " x " + line[2]);
                    int different = Arrays.mismatch(image.rgb(), files.get(line[0] + ".rgb"));
                    assertThat(different).as("first byte that differs").isEqualTo(-1);
                }));
    }

    private static Map<String, byte[]> unzipped() throws IOException {
        Map<String, byte[]> files = new HashMap<>();
        try (InputStream in = PillowImagesTest.class.getResourceAsStream("/pillow.zip");
                ZipInputStream zip = new ZipInputStream(Objects.requireNonNull(in))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), zip.readAllBytes());
            }
        }
        return files;
    }
}
