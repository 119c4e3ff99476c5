package org.imagerl.hub.tokenizer;

import java.nio.file.Path;
import java.util.Map;
import org.imagerl.spi.io.AtomicFile;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes the files of a CLIP tokenizer, which {@link ClipTokenizer} and transformers' {@code CLIPTokenizer} read. */
final class ClipFiles {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private ClipFiles() {}

    /**
     * Writes {@code vocab.json}, {@code merges.txt}, {@code tokenizer_config.json} and {@code special_tokens_map.json}.
     *
     * @param folder made when it is absent
     * @param vocabulary token to id, with begin-of-text and end-of-text
     * @param merges a line each, the most urgent first
     * @param maxLength tokens of an encoded prompt, with begin and end
     * @param pad the token that fills prompts up
     */
    static void write(Path folder, Map<String, Integer> vocabulary, String merges, int maxLength, String pad) {
        ObjectNode tokens = JSON.createObjectNode();
        vocabulary.forEach(tokens::put);
        ObjectNode special = JSON.createObjectNode()
                .put("bos_token", TokenizerSettings.START_OF_TEXT)
                .put("eos_token", TokenizerSettings.END_OF_TEXT)
                .put("pad_token", pad)
                .put("unk_token", TokenizerSettings.END_OF_TEXT);
        ObjectNode config = special.deepCopy()
                .put("clean_up_tokenization_spaces", false)
                .put("errors", "replace")
                .put("model_max_length", maxLength)
                .put("tokenizer_class", "CLIPTokenizer");
        ObjectNode added = config.putObject("added_tokens_decoder");
        for (String token : new String[] {TokenizerSettings.START_OF_TEXT, TokenizerSettings.END_OF_TEXT}) {
            added.set(String.valueOf(vocabulary.get(token)), addedToken(token));
        }
        AtomicFile.writeText(folder.resolve("vocab.json"), JSON.writeValueAsString(tokens));
        // CLIPTokenizer takes the first line for a version, whatever it says.
        AtomicFile.writeText(folder.resolve("merges.txt"), "#version: 0.2\n" + merges);
        AtomicFile.writeText(folder.resolve("tokenizer_config.json"), JSON.writeValueAsString(config));
        AtomicFile.writeText(folder.resolve("special_tokens_map.json"), JSON.writeValueAsString(special));
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
}
