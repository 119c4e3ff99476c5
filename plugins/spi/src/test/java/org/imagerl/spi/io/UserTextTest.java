package org.imagerl.spi.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserTextTest {
    private static final String TEXT = "a sign \"ÖFFEN\" \uD83D\uDE00\r\n";

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void aByteOrderMarkTellsTheEncodingAndIsNoPartOfTheText(String charset) {
        assertThat(UserText.decode(("\uFEFF" + TEXT).getBytes(Charset.forName(charset)), "a.txt"))
                .isEqualTo(TEXT);
    }

    @Test
    void withoutMarkItIsUtf8() {
        assertThat(UserText.decode(TEXT.getBytes(StandardCharsets.UTF_8), "a.txt"))
                .isEqualTo(TEXT);
        assertThat(UserText.decode(new byte[0], "a.txt")).isEmpty();
        assertThat(UserText.decode("\uFEFF\uFEFFa\uFEFF".getBytes(StandardCharsets.UTF_8), "a.txt"))
                .isEqualTo("a\uFEFF");
    }

    @Test
    void otherEncodingsAreNamedWithLineAndByte() {
        assertRefused("x\nfür".getBytes(StandardCharsets.ISO_8859_1), "a.txt:2: is not UTF-8 (byte 4 is 0xFC)");
        assertRefused(new byte[] {'x', (byte) 0xC3}, "a.txt:1: is not UTF-8 (byte 2 is 0xC3)");
        assertRefused("ab".getBytes(StandardCharsets.UTF_16LE), "a.txt:1: has a NUL character");
        assertRefused(new byte[] {(byte) 0xFF, (byte) 0xFE, 0, (byte) 0xD8, 'x', 0}, "a.txt:1: is not UTF-16LE");
        assertRefused(new byte[] {(byte) 0xFF, (byte) 0xFE, 'x', 0, 'y'}, "a.txt:1: is not UTF-16LE");
    }

    private static void assertRefused(byte[] bytes, String message) {
        assertThatThrownBy(() -> UserText.decode(bytes, "a.txt"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("save it as UTF-8");
    }
}
