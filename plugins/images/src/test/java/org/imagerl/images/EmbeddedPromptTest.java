package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import javax.imageio.ImageIO;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Prompts as the programs write them that make images. */
final class EmbeddedPromptTest {
    private static final String SAMPLER =
            "'3': {'class_type': 'KSampler', 'inputs': {'seed': 1, 'positive': ['6', 0], 'negative': ['7', 0]}},"
                    + "'7': {'class_type': 'CLIPTextEncode', 'inputs': {'text': 'blurry', 'clip': ['4', 1]}},";

    @TempDir
    Path folder;

    @Test
    void ourOwnTextIsThePromptWhateverItLooksLike() {
        for (String text : new String[] {"a cat", "{braces}", "{\"scene\": \"a cat\"}", "[1, 2]", "Steps: 3"}) {
            EmbeddedPrompt prompt = EmbeddedPrompt.of(Map.of("prompt", text, "parameters", "other"));
            assertThat(prompt).isEqualTo(new EmbeddedPrompt(text, "text prompt", ""));
        }
        assertThat(EmbeddedPrompt.of(Map.of("prompt", ""))).isEqualTo(EmbeddedPrompt.NONE);
        assertThat(EmbeddedPrompt.of(Map.of("Software", "x"))).isEqualTo(EmbeddedPrompt.NONE);
    }

    @Test
    void ofParametersThePartBeforeTheSettingsIsThePrompt() {
        String settings = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512";
        assertThat(parameters("a cat,\non a mat\nNegative prompt: dog\n" + settings))
                .isEqualTo("a cat,\non a mat");
        assertThat(parameters("a cat, Steps: nice\n" + settings)).isEqualTo("a cat, Steps: nice");
        assertThat(parameters("a cat")).isEqualTo("a cat");
        assertThat(parameters(settings)).isEmpty();
        assertThat(parameters("{\"sui_image_params\": {\"prompt\": \"a cat\", \"seed\": 1}}"))
                .isEqualTo("a cat");
        assertThat(parameters("{\"prompt\": \"a cat\", \"fooocus_scheme\": true}"))
                .isEqualTo("a cat");
    }

    private static String parameters(String text) {
        return EmbeddedPrompt.of(Map.of("parameters", text)).text();
    }

    @Test
    void ofInvokeTheMetadataHaveIt() {
        String json = "{\"positive_prompt\": \"a cat\", \"negative_prompt\": \"dog\"}";
        assertThat(EmbeddedPrompt.of(Map.of("invokeai_metadata", json)))
                .isEqualTo(new EmbeddedPrompt("a cat", "text invokeai_metadata", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'6': {'class_type': 'CLIPTextEncode', 'inputs': {'text': 'a cat', 'clip': ['4', 1]}}",
                "'6': {'class_type': 'CLIPTextEncodeSDXL', 'inputs': {'text_g': 'a cat', 'text_l': 'a cat', 'width': 1024}}",
                "'6': {'class_type': 'CLIPTextEncodeFlux', 'inputs': {'clip_l': '', 't5xxl': 'a cat', 'guidance': 3.5}}",
                "'6': {'class_type': 'FluxGuidance', 'inputs': {'guidance': NaN, 'conditioning': ['8', 0]}},"
                        + "'8': {'class_type': 'CLIPTextEncode', 'inputs': {'text': ['9', 0]}},"
                        + "'9': {'class_type': 'PrimitiveStringMultiline', 'inputs': {'value': 'a cat'}}",
                "'6': {'class_type': 'ControlNetApplyAdvanced', 'inputs': {'positive': ['8', 0], 'negative': ['7', 0]}},"
                        + "'8': {'class_type': 'CLIPTextEncode', 'inputs': {'text': 'a cat'}}",
                "'6': {'class_type': 'ConditioningCombine', 'inputs': {'conditioning_1': ['8', 0], 'conditioning_2': ['8', 0]}},"
                        + "'8': {'class_type': 'CLIPTextEncode', 'inputs': {'text': ['9', 0]}},"
                        + "'9': {'class_type': 'StringConcatenate', 'inputs': {'string_a': 'a', 'string_b': 'cat', 'delimiter': ' '}}",
                "'6': {'class_type': 'Reroute', 'inputs': {'': ['8', 0]}},"
                        + "'8': {'class_type': 'CLIPTextEncode', 'inputs': {'text': 'a cat'}}",
                "'6': {'class_type': 'Efficient Loader', 'inputs': {'positive': 'a cat', 'negative': 'dog'}}",
                "'6': {'class_type': 'CLIPTextEncode', 'inputs': {'text': 'a cat'}},"
                        + "'10': {'class_type': 'SamplerCustomAdvanced', 'inputs': {'guider': ['11', 0]}},"
                        + "'11': {'class_type': 'BasicGuider', 'inputs': {'model': ['4', 0], 'conditioning': ['6', 0]}}",
                "'6': {'class_type': 'CLIPTextEncode', 'inputs': {'text': 'a cat'}},"
                        + "'10': {'class_type': 'SamplerCustomAdvanced', 'inputs': {'guider': ['11', 0]}},"
                        + "'11': {'class_type': 'CFGGuider', 'inputs': {'positive': ['6', 0], 'negative': ['7', 0]}}",
            })
    void ofAGraphItIsTheTextThatThePositiveLinkLeadsTo(String nodes) {
        EmbeddedPrompt prompt = graph(SAMPLER + nodes);
        assertThat(prompt.reason()).isEmpty();
        assertThat(prompt.text()).isEqualTo("a cat");
        assertThat(prompt.source()).isEqualTo("ComfyUI graph in text prompt");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'6': {'class_type': 'CLIPTextEncodeSDXL', 'inputs': {'text_g': 'a cat', 'text_l': 'a dog'}} | 2 different",
                "'6': {'class_type': 'CLIPTextEncode', 'inputs': {'text': 'a'}}, '8': {'class_type': 'CLIPTextEncode', 'inputs':"
                        + " {'text': 'b'}}, '9': {'class_type': 'KSamplerAdvanced', 'inputs': {'positive': ['8', 0]}} | 2 different",
                "'6': {'class_type': 'CLIPTextEncode', 'inputs': {'text': ''}} | is empty",
                "'6': {'class_type': 'CLIPTextEncode', 'inputs': {'text': ['8', 0]}}, '8': {'class_type': 'DPRandomGenerator',"
                        + " 'inputs': {'text': '__cat__'}} | \"DPRandomGenerator\"",
                "'6': {'class_type': 'Mystery\\u001b[31m', 'inputs': {'a': 1, 'b': ['7', 0]}} | Mystery\\u001b[31m",
                "'8': {'class_type': 'SaveImage', 'inputs': {}} | that is missing",
                "'6': {'class_type': 'Reroute', 'inputs': {'': ['6', 0]}} | is empty",
                "'6': {'class_type': 'CLIPTextEncode', 'inputs': {'text': ['8', 0]}}, '8': {'class_type': 'StringConcatenate',"
                        + " 'inputs': {'string_a': ['8', 0], 'string_b': ['8', 0]}} | without a text",
            })
    void ofAGraphWithoutOneTextThereIsNoneAndAWordWhy(String nodes, String reason) {
        EmbeddedPrompt prompt = graph(SAMPLER + nodes);
        assertThat(prompt.text()).isEmpty();
        assertThat(prompt.reason()).contains("ComfyUI graph").contains(reason);
    }

    @Test
    void aGraphIsNeverThePrompt() {
        assertThat(graph("'8': {'class_type': 'SaveImage', 'inputs': {}}").reason())
                .contains("no sampler");
        String cut = "{\"3\": {\"class_type\": \"KSampler\", \"inputs\": {";
        assertThat(EmbeddedPrompt.of(Map.of("prompt", cut)).text()).isEmpty();
        assertThat(EmbeddedPrompt.of(Map.of("prompt", cut)).reason()).isEqualTo("its ComfyUI graph is damaged");
        assertThat(EmbeddedPrompt.of(Map.of("prompt", cut, "parameters", "a cat\nSteps: 1"))
                        .text())
                .isEqualTo("a cat");
    }

    private static EmbeddedPrompt graph(String nodes) {
        return EmbeddedPrompt.of(Map.of("prompt", ("{" + nodes + "}").replace('\'', '"')));
    }

    @ParameterizedTest
    @CsvSource({"UNICODE, UTF-16BE", "UNICODE, UTF-16LE", "ASCII, US-ASCII", "'', UTF-8"})
    void ofJpegTheUserCommentIsRead(String code, String charset) throws IOException {
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(BufferedImages.fromRgb(TestImages.gradient(8, 8)), "jpeg", jpeg);
        byte[] text = "a cat\nSteps: 20, Seed: 1".getBytes(Charset.forName(charset));
        byte[] tiff = ByteBuffer.allocate(8 + 18 + 18 + 8 + text.length)
                .put(new byte[] {'M', 'M', 0, 42})
                .putInt(8)
                .put(folderOf(TiffTags.EXIF_FOLDER, 4, 1, 26))
                .put(folderOf(0x9286, 7, 8 + text.length, 44))
                .put(Arrays.copyOf(code.getBytes(StandardCharsets.US_ASCII), 8))
                .put(text)
                .array();
        byte[] segment = ByteBuffer.allocate(10 + tiff.length)
                .putShort((short) 0xffe1)
                .putShort((short) (8 + tiff.length))
                .put(PngBytes.latin1("Exif\0\0"))
                .put(tiff)
                .array();
        byte[] plain = jpeg.toByteArray();
        Path file = Files.write(
                folder.resolve("a.jfif"),
                PngBytes.concat(Arrays.copyOf(plain, 2), segment, Arrays.copyOfRange(plain, 2, plain.length)));
        assertThat(EmbeddedPrompt.read(file)).isEqualTo(new EmbeddedPrompt("a cat", "EXIF UserComment", ""));
    }

    /** A folder with one tag. */
    private static byte[] folderOf(int tag, int type, int count, int value) {
        return ByteBuffer.allocate(18)
                .putShort((short) 1)
                .putShort((short) tag)
                .putShort((short) type)
                .putInt(count)
                .putInt(value)
                .array();
    }

    @Test
    void textsThatInflateToTooMuchTogetherAreRefused() throws IOException {
        byte[] png = PngWriter.encode(TestImages.gradient(8, 8), Map.of("prompt", "a cat"));
        byte[] bomb = PngBytes.concat(PngBytes.latin1("t\0\0"), PngBytes.deflate(new byte[PngText.MAX_TEXT_BYTES / 3]));
        for (int i = 0; i < 4; i++) {
            png = PngBytes.withChunk(png, "zTXt", bomb);
        }
        Path file = Files.write(folder.resolve("bomb.png"), png);
        assertThatThrownBy(() -> EmbeddedPrompt.read(file))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("its text inflates to more than 16777216 bytes");
    }
}
