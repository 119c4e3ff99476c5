package org.imagerl.hub.tokenizer;

import java.nio.file.Path;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A CLIP tokenizer folder for tiny models: one token a character and no merges. Its characters are those of printable
 * ASCII that are left after CLIP's lower-casing, each as it stands inside a word and, with {@code </w>}, at the end of
 * one. Every other character becomes end-of-text, CLIP's unknown token; blanks separate words and have no token.
 */
public final class CharacterVocabulary {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final String CHARACTERS = characters();
    private static final String BOS = "<|startoftext|>";
    private static final String EOS = "<|endoftext|>";

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
     * @throws UserException when the folder cannot be written
     */
    public static void write(Path folder, int maxLength) {
        if (maxLength < 2) {
            throw new IllegalArgumentException("maxLength is " + maxLength + "; expected at least 2");
        }
        AtomicFile.writeText(folder.resolve("vocab.json"), JSON.writeValueAsString(vocabulary()));
        // CLIPTokenizer takes the first line for a version, whatever it says.
        AtomicFile.writeText(folder.resolve("merges.txt"), "#version: 0.2\n");
        AtomicFile.writeText(folder.resolve("tokenizer_config.json"), JSON.writeValueAsString(config(maxLength)));
        AtomicFile.writeText(folder.resolve("special_tokens_map.json"), JSON.writeValueAsString(specialTokens()));
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

    private static ObjectNode vocabulary() {
        ObjectNode vocabulary = JSON.createObjectNode();
        for (String suffix : new String[] {"", "</w>"}) {
            for (int i = 0; i < CHARACTERS.length(); i++) {
                vocabulary.put(CHARACTERS.charAt(i) + suffix, vocabulary.size());
            }
        }
        return vocabulary.put(BOS, bosId()).put(EOS, eosId());
    }

    private static ObjectNode config(int maxLength) {
        ObjectNode config = specialTokens()
                .put("clean_up_tokenization_spaces", false)
                .put("errors", "replace")
                .put("model_max_length", maxLength)
                .put("tokenizer_class", "CLIPTokenizer");
        ObjectNode added = config.putObject("added_tokens_decoder");
        added.set(String.valueOf(bosId()), addedToken(BOS));
        added.set(String.valueOf(eosId()), addedToken(EOS));
        return config;
    }

    private static ObjectNode addedToken(String content) {
        return JSON.createObjectNode()
                .put("content", content)
                .put("lstrip", false)
                .put("normalized", true)
                .put("rstrip", false)
                .put("single_word", false)
                .put("special", true);
    }

    private static ObjectNode specialTokens() {
        return JSON.createObjectNode()
                .put("bos_token", BOS)
                .put("eos_token", EOS)
                .put("pad_token", EOS)
                .put("unk_token", EOS);
    }
}
