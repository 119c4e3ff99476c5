package org.imagerl.hub.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import org.imagerl.spi.UserException;

/**
 * SentencePiece's compiled map of characters, as {@code precompiled_charsmap} holds it: the size in bytes of a double-array trie, the trie
 * (Darts-clone: units of 32 bits), and the texts that it points into, each ended by a zero byte. The reader in native code follows the
 * trie without a look at its bounds; here every place is visited that any text can lead to.
 */
final class CharacterMap {
    private static final int MAX_BASE64 = 8 << 20;
    private static final int MAX_REPLACEMENT_BYTES = 256;

    private final Section where;
    private final IntBuffer trie;
    private final byte[] texts;
    private double growth = 1;

    private CharacterMap(Section where, IntBuffer trie, byte[] texts) {
        this.where = where;
        this.trie = trie;
        this.texts = texts;
    }

    /** Checks a map; how many times longer it can make a text, in bytes, at least 1. */
    static double growth(Section map) {
        ByteBuffer bytes = decoded(map);
        if (bytes.remaining() < 8) {
            throw damaged(map, "it is too short");
        }
        long trieBytes = Integer.toUnsignedLong(bytes.getInt());
        if (trieBytes % 4 != 0 || trieBytes < 4 || trieBytes > bytes.remaining()) {
            throw damaged(map, "its trie would have " + trieBytes + " of its " + bytes.remaining() + " bytes");
        }
        IntBuffer trie = bytes.slice(bytes.position(), (int) trieBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asIntBuffer();
        byte[] texts = new byte[bytes.remaining() - (int) trieBytes];
        bytes.position(bytes.position() + (int) trieBytes).get(texts);
        CharacterMap checked = new CharacterMap(map, trie, texts);
        checked.requireUtf8();
        checked.visit();
        return checked.growth;
    }

    private static ByteBuffer decoded(Section map) {
        try {
            return ByteBuffer.wrap(Base64.getDecoder().decode(map.text(MAX_BASE64)))
                    .order(ByteOrder.LITTLE_ENDIAN);
        } catch (IllegalArgumentException e) {
            throw damaged(map, "it is not base64");
        }
    }

    private void requireUtf8() {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(texts));
        } catch (CharacterCodingException e) {
            throw damaged(where, "its texts are not UTF-8");
        }
    }

    /** Breadth first, so that each place is met by the shortest text that leads there. */
    private void visit() {
        BitSet seen = new BitSet();
        List<Integer> level = List.of(offset(trie.get(0)));
        for (int length = 1; !level.isEmpty(); length++) {
            List<Integer> next = new ArrayList<>();
            for (int base : level) {
                follow(base, length, seen, next);
            }
            level = next;
        }
    }

    private void follow(int base, int length, BitSet seen, List<Integer> next) {
        for (int label = 1; label < 256; label++) {
            int place = base ^ label;
            int unit = at(place);
            if (label(unit) != label) {
                continue;
            }
            int below = place ^ offset(unit);
            int leaf = at(below);
            if (hasLeaf(unit)) {
                replacement(leaf & Integer.MAX_VALUE, length);
            }
            if (!seen.get(below)) {
                seen.set(below);
                next.add(below);
            }
        }
    }

    private int at(int place) {
        if (place < 0 || place >= trie.limit()) {
            throw damaged(where, "its trie leads to place " + Integer.toUnsignedString(place) + " of " + trie.limit());
        }
        return trie.get(place);
    }

    private void replacement(int begin, int length) {
        if (begin > texts.length || (begin < texts.length && (texts[begin] & 0xc0) == 0x80)) {
            throw damaged(where, "its trie points at byte " + begin + " of " + texts.length + " bytes of texts");
        }
        int end = begin;
        while (end < texts.length && texts[end] != 0) {
            end++;
        }
        if (end - begin > MAX_REPLACEMENT_BYTES) {
            throw damaged(where, "one of its texts has " + (end - begin) + " bytes");
        }
        growth = Math.max(growth, (double) (end - begin) / length);
    }

    private static boolean hasLeaf(int unit) {
        return (unit >>> 8 & 1) == 1;
    }

    private static int label(int unit) {
        return unit & (1 << 31 | 0xff);
    }

    private static int offset(int unit) {
        return (unit >>> 10) << ((unit & 1 << 9) >>> 6);
    }

    private static UserException damaged(Section map, String what) {
        return map.refusal("expected the character map of a SentencePiece model: " + what);
    }
}
