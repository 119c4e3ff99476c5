package org.imagerl.toolkit.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsHeaderTest {
    private static final String A = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    @Test
    void tensorsComeInTheOrderOfTheirBytesWhateverTheOrderOfTheHeader() {
        String header = "{\"b\":{\"shape\":[],\"data_offsets\":[8,16],\"dtype\":\"I64\"},"
                + "\"none\":{\"dtype\":\"F16\",\"shape\":[0,3],\"data_offsets\":[8,8]}," + A
                + ",\"__metadata__\":{\"format\":\"pt\"}}   ";

        SafetensorsHeader parsed = RawFile.parse(RawFile.bytes(header, 16));

        assertThat(parsed.entries())
                .containsExactly(
                        new TensorEntry("a", DType.F32, new Shape(2), 0, 8),
                        new TensorEntry("none", DType.F16, new Shape(0, 3), 8, 8),
                        new TensorEntry("b", DType.I64, new Shape(), 8, 16));
        assertThat(parsed.metadata()).containsExactly(Map.entry("format", "pt"));
        assertThat(parsed.dataStart()).isEqualTo(8 + header.length());
    }

    private static String a(String dtype, String shape, String offsets) {
        return "{\"a\":{\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
    }

    static Stream<Arguments> badHeaders() {
        String b = "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":";
        return Stream.of(
                Arguments.of("", 0, "found the end"),
                Arguments.of("[]", 0, "expected START_OBJECT"),
                Arguments.of("{" + A, 8, "not valid JSON"),
                Arguments.of("{" + A + "} x", 8, "not valid JSON"),
                Arguments.of("{" + A + "}{}", 8, "after the closing brace"),
                Arguments.of("{" + A + "," + A + "}", 8, "Duplicate"),
                Arguments.of("{" + A + "," + b + "[4,12]}}", 12, "overlaps"),
                Arguments.of("{" + A + "," + b + "[0,8]}}", 8, "overlaps"),
                Arguments.of("{" + A + "," + b + "[12,20]}}", 20, "hole"),
                Arguments.of("{" + A + "}", 7, "only 7 are there"),
                Arguments.of("{" + A + "}", 9, "1 bytes after its last tensor"),
                Arguments.of("{}", 1, "1 bytes after its last tensor"),
                Arguments.of(a("\"F33\"", "[2]", "[0,8]"), 8, "unknown dtype \"F33\""),
                Arguments.of(a("32", "[2]", "[0,8]"), 8, "dtype: expected VALUE_STRING"),
                Arguments.of(a("\"F32\"", "[3]", "[0,8]"), 8, "are 12 bytes"),
                Arguments.of(a("\"F32\"", "[-2]", "[0,8]"), 8, "negative number -2"),
                Arguments.of(a("\"F32\"", "[2.0]", "[0,8]"), 8, "expected whole numbers"),
                Arguments.of(a("\"F32\"", "2", "[0,8]"), 8, "expected START_ARRAY"),
                Arguments.of(a("\"F32\"", "[99999999999999999999]", "[0,8]"), 8, "out of range"),
                Arguments.of(a("\"F32\"", "[4294967296,4294967296]", "[0,8]"), 8, "impossible shape"),
                Arguments.of(a("\"F32\"", "[2]", "[8,0]"), 8, "begin <= end"),
                Arguments.of(a("\"F32\"", "[2]", "[0,8,9]"), 8, "begin <= end"),
                Arguments.of(a("\"F32\"", "[2]", "[0,9]"), 9, "are 8 bytes"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "has no data_offsets"),
                Arguments.of("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "has no dtype"),
                Arguments.of("{\"a\":{\"x\":1}}", 8, "unknown field \"x\""),
                Arguments.of("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__ key \"a\""),
                Arguments.of("{\"__metadata__\":[]}", 0, "__metadata__: expected START_OBJECT"),
                Arguments.of("{\"\u001b[31m\":1}", 0, "not valid JSON"),
                Arguments.of("{\"\\u001b[31m\":1}", 0, "\\u001b[31m"),
                Arguments.of("{\"a\":" + "[".repeat(100_000), 0, "expected START_OBJECT"));
    }

    @ParameterizedTest
    @MethodSource("badHeaders")
    void aBadHeaderIsRefusedWithTheReason(String header, int dataBytes, String reason) {
        byte[] file = RawFile.bytes(header, dataBytes);

        assertThatThrownBy(() -> RawFile.parse(file))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("raw.safetensors: ")
                .hasMessageContaining(reason);
    }

    @Test
    void shapesOfMoreDimensionsThanAnyEngineTakesAreRefused() {
        String header = a("\"U8\"", "[" + "1,".repeat(64) + "1]", "[0,1]");

        assertThatThrownBy(() -> RawFile.parse(RawFile.bytes(header, 1))).hasMessageContaining("more than 64 numbers");
    }

    @Test
    void aHeaderThatIsNotUtf8IsRefused() {
        byte[] file = RawFile.bytes("{\"a_\":1}", 0);
        file[11] = (byte) 0xff;

        assertThatThrownBy(() -> RawFile.parse(file))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void everyCutOfAFileIsRefusedAsCutOff() {
        byte[] whole = RawFile.bytes("{" + A + "}", 8);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> RawFile.parse(cut))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("cut off")
                    .hasMessageContaining("again");
        }
    }

    static Stream<Arguments> lengthsThatBeginAsOtherFormats() {
        return Stream.of(Arguments.of("\u0080\2", 0x280), Arguments.of("\u0080\4", 0x480), Arguments.of("<!", 0x213c));
    }

    @ParameterizedTest
    @MethodSource("lengthsThatBeginAsOtherFormats")
    void aLengthThatBeginsAsAnotherFormatIsALength(String start, int length) throws IOException {
        byte[] file = RawFile.bytes(("{" + A + "}" + " ".repeat(length)).substring(0, length), 8);

        assertThat(new String(file, 0, 2, StandardCharsets.ISO_8859_1)).isEqualTo(start);
        assertThat(RawFile.parse(file).entries()).hasSize(1);
    }

    static Stream<Arguments> foreignFiles() {
        return Stream.of(
                Arguments.of("PK\3\4 a PyTorch file", "pickle"),
                Arguments.of("\u0080\2ctorch", "pickle"),
                Arguments.of("\u0080\4\u0095\u0013\0\0\0\0}", "pickle"),
                Arguments.of("GGUF\3\0\0\0", "GGUF"),
                Arguments.of("version https://git-lfs.github.com/spec/v1", "git lfs pull"),
                Arguments.of("<!DOCTYPE html>", "web page"),
                Arguments.of("just a text file", "is a text, not weights"));
    }

    @ParameterizedTest
    @MethodSource("foreignFiles")
    void otherFormatsAreNamed(String content, String reason) {
        byte[] file = content.getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> RawFile.parse(file))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aHeaderOverTheLimitIsRefusedBeforeItIsRead() {
        byte[] file = {(byte) 0x01, (byte) 0xe1, (byte) 0xf5, 0x05, 0, 0, 0, 0};

        assertThatThrownBy(() -> RawFile.parse(file))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("100000001 bytes long");
    }
}
