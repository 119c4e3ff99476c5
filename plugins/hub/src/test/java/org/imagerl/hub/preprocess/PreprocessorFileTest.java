package org.imagerl.hub.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.imagerl.images.ResizeFilter;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PreprocessorFileTest {
    @TempDir
    private Path folder;

    private Preprocess read(String json) throws IOException {
        return PreprocessorFile.read(Files.writeString(folder.resolve("preprocessor_config.json"), json));
    }

    /** As in src/test/compat/preprocessors.py. */
    private static RgbImage image() {
        byte[] rgb = new byte[3 * 23 * 14];
        for (int y = 0, i = 0; y < 14; y++) {
            for (int x = 0; x < 23; x++) {
                rgb[i++] = (byte) (11 * x + 3 * y);
                rgb[i++] = (byte) (5 * x + 17 * y);
                rgb[i++] = (byte) (x * y);
            }
        }
        return new RgbImage(23, 14, rgb);
    }

    /** Numbers of transformers 4.57.6, see src/test/compat/preprocessors.py; they have five digits after the point. */
    @Test
    void givesThePixelsOfTransformersForTheFilesThatItWritesAndForShortOnes() throws IOException {
        JsonNode cases;
        try (InputStream in = PreprocessorFileTest.class.getResourceAsStream("/golden/preprocessors.json")) {
            cases = JsonMapper.shared().readTree(in);
        }
        assertThat(cases.size()).isGreaterThan(20);
        for (JsonNode each : cases) {
            String file = each.get("file").toString();
            Preprocess.Input input = read(file).apply(image());
            assertThat(new int[] {3, input.height(), input.width()})
                    .as(file)
                    .containsExactly(
                            each.get("shape").get(0).intValue(),
                            each.get("shape").get(1).intValue(),
                            each.get("shape").get(2).intValue());
            for (int i = 0; i < input.values().length; i++) {
                assertThat((double) input.values()[i])
                        .as("value " + i + " of " + file)
                        .isCloseTo(
                                each.get("values").get(i).doubleValue(),
                                within(2e-5 + 1e-6 * Math.abs(input.values()[i])));
            }
        }
    }

    @Test
    void anOffsetIsSubtractedAfterRescalingWhateverTheProcessor() throws IOException {
        Preprocess preprocess = read("""
                {"do_resize": true, "size": {"height": 32, "width": 32}, "do_rescale": true, "rescale_factor": 0.00784313725490196,
                 "rescale_offset": true, "do_normalize": false, "resample": 2}
                """);
        byte[] rgb = new byte[3 * 4];
        Arrays.fill(rgb, (byte) 255);
        assertThat(preprocess.apply(new RgbImage(2, 2, rgb)).values()).containsOnly(1f);
        assertThat(preprocess.describe()).contains("rescale 0.00784313725490196 - 1.0");
    }

    @Test
    void whatFastProcessorsLeaveNullIsAbsent() throws IOException {
        Preprocess preprocess = read("""
                {"crop_size": null, "data_format": "channels_first", "default_to_square": true, "device": null,
                 "disable_grouping": null, "do_center_crop": null, "do_convert_rgb": null, "do_pad": null, "do_normalize": true,
                 "do_rescale": true, "do_resize": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
                 "image_processor_type": "SiglipImageProcessorFast", "input_data_format": null, "pad_size": null, "resample": 2,
                 "rescale_factor": 0.00392156862745098, "return_tensors": null, "size": {"height": 16, "width": 16}}
                """);
        assertThat(preprocess.resize()).isEqualTo(Preprocess.Resize.SQUASH);
        assertThat(preprocess.crop()).isEqualTo(Preprocess.Crop.NONE);
        assertThat(preprocess.filter()).isEqualTo(ResizeFilter.BILINEAR);
    }

    @Test
    void fastProcessorsPlaceALargerCropAPixelFurtherToTheRight() throws IOException {
        String file = "{\"image_processor_type\": \"CLIPImageProcessor%s\", \"do_resize\": false, \"crop_size\": 4}";
        RgbImage white = new RgbImage(1, 1, new byte[] {-1, -1, -1});
        float[] slow = read(String.format(file, "")).apply(white).values();
        float[] fast = read(String.format(file, "Fast")).apply(white).values();
        assertThat(slow[2 * 4 + 2]).as("from ceil(3 / 2)").isGreaterThan(slow[0]);
        assertThat(fast[1 * 4 + 1]).as("from floor(3 / 2)").isGreaterThan(fast[0]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"crop_mode\": \"center\"",
                "\"resize_mode\": \"shortest\"",
                "\"interpolation\": \"bicubic\"",
                "\"mean\": [0, 0, 0]",
                "\"do_pad\": true",
                "\"size_divisor\": 32",
                "\"keep_aspect_ratio\": true",
                "\"do_grayscale\": true",
                "\"do_thumbnail\": true",
                "\"antialias\": false",
                "\"crop_pct\": 0.9",
                "\"gamma\": null"
            })
    void aKeyThatMayChangePixelsAndIsNotKnownIsRefusedByItsName(String key) {
        assertThatThrownBy(() -> read("{\"image_processor_type\": \"ViTImageProcessor\", \"size\": 8, " + key + "}"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(key.substring(0, key.indexOf(':')))
                .hasMessageContaining("preprocessor_config.json")
                .hasMessageContaining("reward.yaml");
    }

    @Test
    void allUnknownKeysAreNamedAtOnceAndQuoted() {
        assertThatThrownBy(() -> read("{\"size\": 8, \"a\\u001b[2J\": 1, \"b\": \"x\\u001b[31m\", \"do_pad\": false}"))
                .hasMessageContaining("\"a\\u001b[2J\": 1, \"b\": \"x\\u001b[31m\"")
                .hasMessageNotContaining("do_pad")
                .hasMessageNotContaining("\u001b");
    }

    @Test
    void aProcessorThatDoesMoreThanItsKeysSayIsRefused() {
        assertThatThrownBy(() -> read("{\"image_processor_type\": \"PerceiverImageProcessor\", \"size\": 8}"))
                .hasMessageContaining("\"PerceiverImageProcessor\" does more than its keys say");
        assertThatThrownBy(() -> read("{\"size\": 8, \"auto_map\": {\"AutoImageProcessor\": \"x.py--X\"}}"))
                .hasMessageContaining("auto_map");
    }

    @Test
    void oneNumberStandsForAllColours() throws IOException {
        Preprocess preprocess = read("{\"size\": 8, \"image_mean\": 0.25, \"image_std\": 0.5}");
        assertThat(preprocess.mean()).containsExactly(0.25f, 0.25f, 0.25f);
        assertThat(preprocess.std()).containsExactly(0.5f, 0.5f, 0.5f);
        assertThatThrownBy(() -> read("{\"size\": 8, \"image_std\": 0}")).hasMessageContaining("numbers above 0");
    }
}
