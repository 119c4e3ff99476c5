package org.imagerl.scoring.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

class PickleReaderTest {
    /** What pickle.dumps of Python 3.11 made of one dict; in protocol 2, which has no bytes, without the images. */
    private static final Map<Integer, String> WRITTEN = Map.of(
            2,
            "gAJ9cQAoWAYAAABpbWFnZXNxAV1xAlgHAAAAcHJvbXB0c3EDXXEEKFgBAAAAYXEFWAYAAADDqfCfmIBxBmVYCAAAAG1ldGFkYXRhcQd9"
                    + "cQgoWAEAAAB0cQlLAYVxClgBAAAAdXELKEsBSwJLA0sEdHEMWAEAAABlcQ0pdVgBAAAAbnEOXXEPKE6IiUsAS/9N//9K/////4oG"
                    + "AAAAAAABigkAAAAAAAAAAMBHP+AAAAAAAABlWAsAAABvbmx5X3N0cmljdHEQiFgFAAAAYWdhaW5xEWgEdS4=",
            3,
            "gAN9cQAoWAYAAABpbWFnZXNxAV1xAihDAgECcQNDAv//cQRlWAcAAABwcm9tcHRzcQVdcQYoWAEAAABhcQdYBgAAAMOp8J+YgHEIZVgI"
                    + "AAAAbWV0YWRhdGFxCX1xCihYAQAAAHRxC0sBhXEMWAEAAAB1cQ0oSwFLAksDSwR0cQ5YAQAAAGVxDyl1WAEAAABucRBdcREoToiJ"
                    + "SwBL/03//0r/////igYAAAAAAAGKCQAAAAAAAAAAwEc/4AAAAAAAAGVYCwAAAG9ubHlfc3RyaWN0cRKIWAUAAABhZ2FpbnETaAZ1"
                    + "Lg==",
            4,
            "gASVrgAAAAAAAAB9lCiMBmltYWdlc5RdlChDAgEClEMC//+UZYwHcHJvbXB0c5RdlCiMAWGUjAbDqfCfmICUZYwIbWV0YWRhdGGUfZQo"
                    + "jAF0lEsBhZSMAXWUKEsBSwJLA0sEdJSMAWWUKXWMAW6UXZQoToiJSwBL/03//0r/////igYAAAAAAAGKCQAAAAAAAAAAwEc/4AAA"
                    + "AAAAAGWMC29ubHlfc3RyaWN0lIiMBWFnYWlulGgGdS4=",
            5,
            "gAWVrgAAAAAAAAB9lCiMBmltYWdlc5RdlChDAgEClEMC//+UZYwHcHJvbXB0c5RdlCiMAWGUjAbDqfCfmICUZYwIbWV0YWRhdGGUfZQo"
                    + "jAF0lEsBhZSMAXWUKEsBSwJLA0sEdJSMAWWUKXWMAW6UXZQoToiJSwBL/03//0r/////igYAAAAAAAGKCQAAAAAAAAAAwEc/4AAA"
                    + "AAAAAGWMC29ubHlfc3RyaWN0lIiMBWFnYWlulGgGdS4=");

    private static final String VALUE = "{\"images\":[IMAGES],\"prompts\":[\"a\",\"\u00e9\ud83d\ude00\"],"
            + "\"metadata\":{\"t\":[1],\"u\":[1,2,3,4],\"e\":[]},"
            + "\"n\":[null,true,false,0,255,65535,-1,1099511627776,-1180591620717411303424,0.5],"
            + "\"only_strict\":true,\"again\":[\"a\",\"\u00e9\ud83d\ude00\"]}";

    private static byte[] written(int protocol) {
        return Base64.getDecoder().decode(WRITTEN.getOrDefault(protocol, ""));
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static void refused(byte[] bytes, String reason) {
        assertThatThrownBy(() -> PickleReader.read("x", bytes))
                .as(HexFormat.of().formatHex(bytes, 0, Math.min(64, bytes.length)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(reason);
    }

    private static void refused(String hex, String reason) {
        refused(hex(hex), reason);
    }

    /** The bytes one after the other. */
    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Arrays.stream(parts).forEach(all::writeBytes);
        return all.toByteArray();
    }

    private static byte[] repeated(String hex, int times) {
        return hex(hex.repeat(times));
    }

    @Test
    void plainValuesOfEveryProtocolAreRead() {
        for (int protocol = 2; protocol <= 5; protocol++) {
            String images = protocol == 2 ? "" : "\"AQI=\",\"//8=\"";
            assertThat(PickleReader.read("x", written(protocol)).toString())
                    .as("protocol %d", protocol)
                    .isEqualTo(VALUE.replace("IMAGES", images));
        }
    }

    @Test
    void largeBytesStandBetweenFrames() {
        byte[] large =
                join(hex("8004 5d 94 28 42 70110100"), new byte[70_000], hex("95 0700000000000000 94 8c0179 94 65 2e"));
        assertThat(PickleReader.read("x", large).get(0).binaryValue()).hasSize(70_000);
        assertThat(PickleReader.read("x", large).get(1).stringValue()).isEqualTo("y");
    }

    @Test
    void aPickleThatIsCutAnywhereIsRefused() {
        for (int protocol = 2; protocol <= 5; protocol++) {
            byte[] whole = written(protocol);
            for (int length = 0; length < whole.length; length++) {
                refused(Arrays.copyOf(whole, length), "of the pickle: ");
            }
        }
    }

    @Test
    void aPickleWithOtherBytesIsReadOrRefused() {
        for (int protocol = 2; protocol <= 5; protocol++) {
            for (int at = 0; at < written(protocol).length; at++) {
                for (int value = 0; value < 256; value += 17) {
                    byte[] changed = written(protocol);
                    changed[at] = (byte) value;
                    try {
                        assertThat(PickleReader.read("x", changed)).isNotNull();
                    } catch (UserException refusal) {
                        assertThat(refusal).hasMessageContaining("of the pickle: ");
                    }
                }
            }
        }
    }

    @Test
    void whatCouldMakeObjectsIsRefusedByName() {
        Map<Integer, String> objects = Map.ofEntries(
                Map.entry(0x63, "GLOBAL"),
                Map.entry(0x93, "STACK_GLOBAL"),
                Map.entry(0x52, "REDUCE"),
                Map.entry(0x62, "BUILD"),
                Map.entry(0x69, "INST"),
                Map.entry(0x6f, "OBJ"),
                Map.entry(0x81, "NEWOBJ"),
                Map.entry(0x92, "NEWOBJ_EX"),
                Map.entry(0x82, "EXT1"),
                Map.entry(0x83, "EXT2"),
                Map.entry(0x84, "EXT4"),
                Map.entry(0x50, "PERSID"),
                Map.entry(0x51, "BINPERSID"));
        objects.forEach((code, name) -> refused(
                join(hex("8004 8c026f73 8c0673797374656d"), new byte[] {code.byteValue()}, hex("2e")),
                name + " is refused, because it can make objects"));
        refused("8004 95 1400000000000000 8c05706f736978 94 8c0673797374656d 94 93 94 2e", "STACK_GLOBAL");
        refused("8002 635f636f646563730a656e636f64650a 7100 2e", "use 3 or later");
    }

    @Test
    void everyOtherInstructionIsRefused() {
        String known =
                "4e 88 89 4a 4b 4d 8a 47 8c 58 8d 43 42 8e 28 5d 7d 29 85 86 87 74 61 65 73 75 71 72 94 68 6a 95 2e";
        List<String> codes = List.of(known.split(" "));
        for (int code = 0; code < 256; code++) {
            if (!codes.contains(String.format("%02x", code))) {
                refused(join(hex("8004"), new byte[] {(byte) code}, new byte[16]), " is refused");
            }
        }
        refused("8005 95 0d00000000000000 96 0200000000000000 6162 94 2e", "BYTEARRAY8 is refused");
        refused("8004 8f 94 28 4b01 90 2e", "EMPTY_SET is refused");
    }

    @Test
    void whatPythonDoesNotWriteIsRefused() {
        refused("8001 4e 2e", "its protocol is 1");
        refused("8006 4e 2e", "its protocol is 6");
        refused("4b012e", "no pickle of protocol 2 to 5");
        refused("8004 4e 2e 00", "more after its end");
        refused("8004 2e", "0 values");
        refused("8004 4e 4e 2e", "2 values");
        refused("8004 4e 28 2e", "it must have one");
        refused("8004 65 2e", "no mark");
        refused("8004 5d 28 61 2e", "too few values");
        refused("8004 28 94 2e", "no value");
        refused("8004 29 4e 61 2e", "no list");
        refused("8004 7d 4e 61 2e", "no list");
        refused("8004 5d 4e 4e 73 2e", "no dict");
        refused("8004 7d 4b01 4e 73 2e", "no str");
        refused("8004 7d 28 8c0161 75 2e", "no dict");
        refused("8004 7d 28 8c0161 4e 8c0161 4e 75 2e", "the key \"a\" twice");
        refused("8004 8c02c328 2e", "not in UTF-8");
        refused("8004 68 00 2e", "no entry 0");
        refused("8004 6a ffffffff 2e", "no entry 4294967295");
        refused("8004 4e 71 05 2e", "gaps");
    }

    @Test
    void aValueThatContainsItselfIsRefused() {
        refused("8004 95 0600000000000000 5d 94 68 00 61 2e", "was named again before it was whole");
        refused("8004 5d 94 5d 94 68 00 61 61 2e", "was named again before it was whole");
        refused("8004 28 5d 94 5d 68 00 61 68 00 4e 61 74 2e", "was named again before it was whole");
    }

    @Test
    void lengthsThatAreNotThereTakeNoMemory() {
        for (String head :
                List.of("58 ffffff7f", "58 ffffffff", "42 ffffffff", "8d ffffffffffffff7f", "8e ffffffffffffffff")) {
            refused("8004" + head + "00 2e", "ends within a value");
        }
        refused("8004 95 ffffffffffffffff 4e 2e", "longer than the pickle");
        refused("8004 95 0300000000000000 4e 2e", "longer than the pickle");
        refused("8004 95 0300000000000000 8c 03 616263 2e", "over the end of its frame");
        refused("8004 95 0b00000000000000 95 0200000000000000 4e 2e", "a frame begins in a frame");
    }

    @Test
    void levelsAndValuesAreBounded() {
        byte[] head = hex("8004");
        assertThat(PickleReader.read("x", join(head, repeated("5d", 32), repeated("61", 31), hex("2e"))))
                .isNotNull();
        refused(join(head, repeated("5d", 33), repeated("61", 32), hex("2e")), "more than 32 levels");
        refused(join(head, hex("29"), repeated("85", 32), hex("2e")), "more than 32 levels");
        refused(join(head, repeated("28", 100_000)), "more than 32 levels");
        refused(join(head, hex("5d28"), repeated("4e", 500_001), hex("652e")), "more than 500000 values");
        refused(join(head, hex("4e"), repeated("94", 500_001), hex("2e")), "memo has more than 500000");
    }

    @Test
    void valuesThatAreNamedAgainDoNotMultiply() {
        ByteArrayOutputStream laughs = new ByteArrayOutputStream();
        laughs.writeBytes(hex("8004 28 29 94"));
        for (int level = 0; level < 8; level++) { // a tuple of the one before, 16 times
            laughs.writeBytes(hex("28" + String.format("68%02x", level).repeat(16) + "74 94"));
        }
        laughs.writeBytes(hex("74 2e"));
        refused(laughs.toByteArray(), "larger than");
        // one long text, and one of bytes, in a list a thousand times
        for (String code : List.of("58", "42")) {
            byte[] text = join(hex("8004 5d 28" + code + "10270000"), repeated("61", 10_000), hex("94"));
            refused(join(text, repeated("6800", 1000), hex("65 2e")), "larger than");
            assertThat(PickleReader.read("x", join(text, repeated("6800", 50), hex("65 2e"))))
                    .hasSize(51);
        }
    }

    @Test
    void whatIsWrittenIsRead() {
        byte[] pickle = PickleWriter.write(Map.of("scores", List.of(0.5, -1e300)));
        assertThat(PickleReader.read("x", pickle).toString()).isEqualTo("{\"scores\":[0.5,-1.0E300]}");
        assertThat(PickleReader.read("x", PickleWriter.write(Map.of("scores", List.of())))
                        .toString())
                .isEqualTo("{\"scores\":[]}");
    }
}
