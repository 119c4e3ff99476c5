package org.imagerl.hub.tokenizer;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A CLIP tokenizer folder for tiny models: one token a character and no merges. Its characters are those of printable
 * ASCII that are left after CLIP's lower-casing, each as it stands inside a word and, with {@code </w>}, at the end of
 * one. Every other character becomes end-of-text, CLIP's unknown token; blanks separate words and have no token.
 */
public final class CharacterVocabulary {
    private static final String CHARACTERS = characters();
    private static final String BOS = TokenizerSettings.START_OF_TEXT;
    private static final String EOS = TokenizerSettings.END_OF_TEXT;

    private CharacterVocabulary() {}

    /** Number of tokens: the {@code vocab_size} of the text encoder. */
    public static int size() {
        return 2 * CHARACTERS.length() + 2;
    }

    /** Id of begin-of-text. */
    public static int bosId() {
        return size() - 2;
    }

    /** Id of end-of-text, which also pads: the highest of all. */
    public static int eosId() {
        return size() - 1;
    }

    /**
     * Writes {@code vocab.json}, {@code merges.txt}, {@code tokenizer_config.json} and {@code special_tokens_map.json},
     * which {@link ClipTokenizer} and transformers' {@code CLIPTokenizer} read.
     *
     * @param folder made when it is absent
     * @param maxLength tokens of an encoded prompt, with begin and end, at least 2
     * @throws org.imagerl.spi.UserException when the folder cannot be written
     */
    public static void write(Path folder, int maxLength) {
        if (maxLength < 2) {
            throw new IllegalArgumentException("maxLength is " + maxLength + "; expected at least 2");
        }
        ClipFiles.write(folder, vocabulary(), "", maxLength, EOS);
    }

    private static String characters() {
        StringBuilder characters = new StringBuilder();
        for (char c = '!'; c <= '~'; c++) {
            if (!Character.isUpperCase(c)) {
                characters.append(c);
            }
        }
        return characters.toString();
    }

    private static Map<String, Integer> vocabulary() {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        for (String suffix : new String[] {"", "</w>"}) {
            for (int i = 0; i < CHARACTERS.length(); i++) {
                vocabulary.put(CHARACTERS.charAt(i) + suffix, vocabulary.size());
            }
        }
        vocabulary.put(BOS, bosId());
        vocabulary.put(EOS, eosId());
        return vocabulary;
    }
}
