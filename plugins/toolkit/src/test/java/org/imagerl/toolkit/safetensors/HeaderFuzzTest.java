package org.imagerl.toolkit.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

/** Whatever bytes come in, a checked header or a {@link UserException} comes out. */
class HeaderFuzzTest {
    private static final String VALID = "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"a.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[24,32]},"
            + "\"c\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[32,33]}}";

    private static final List<String> WORDS = List.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "-1",
            "0",
            "9223372036854775807",
            "1e9",
            "null",
            "true",
            "\"F8_E4M3\"",
            "\"__metadata__\"",
            "\"shape\"",
            "\"dtype\"",
            "\\ud800",
            "\u0000",
            " ");

    /** With JAZZER_FUZZ=1 this searches; otherwise it runs its seeds, the files in HeaderFuzzTestInputs. */
    @FuzzTest(maxDuration = "2m")
    void anyBytesAreAHeaderOrAUserException(byte[] file) {
        check(file);
    }

    @Test
    void thousandsOfMutatedHeadersAreAHeaderOrAUserException() {
        SplittableRandom random = new SplittableRandom(20261123);
        int accepted = 0;
        for (int round = 0; round < 6000; round++) {
            byte[] file = RawFile.bytes(mutated(VALID, random), 33);
            if (random.nextInt(4) == 0) {
                file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
            }
            accepted += check(file) ? 1 : 0;
        }
        // Both outcomes must occur, or this tests nothing.
        assertThat(accepted).isBetween(10, 5000);
    }

    private static String mutated(String header, SplittableRandom random) {
        StringBuilder text = new StringBuilder(header);
        for (int edits = 1 + random.nextInt(2); edits > 0; edits--) {
            int from = random.nextInt(text.length());
            int to = Math.min(text.length(), from + random.nextInt(3));
            text.replace(from, to, random.nextBoolean() ? word(random) : character(random));
        }
        return text.toString();
    }

    private static String word(SplittableRandom random) {
        return WORDS.get(random.nextInt(WORDS.size()));
    }

    private static String character(SplittableRandom random) {
        return new String(new byte[] {(byte) random.nextInt(32, 127)}, StandardCharsets.US_ASCII);
    }

    private static boolean check(byte[] file) {
        SafetensorsHeader header;
        try {
            header = RawFile.parse(file);
        } catch (UserException refused) {
            assertThat(refused).hasMessageStartingWith("raw.safetensors");
            return false;
        }
        long end = 0;
        for (TensorEntry entry : header.entries()) {
            assertThat(entry.begin()).isEqualTo(end);
            assertThat(entry.bytes())
                    .isEqualTo(entry.shape().size() * entry.dtype().bytes());
            end = entry.end();
        }
        assertThat(header.dataStart() + end).isEqualTo(file.length);
        return true;
    }
}
