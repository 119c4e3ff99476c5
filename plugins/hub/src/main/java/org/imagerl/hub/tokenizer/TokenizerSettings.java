package org.imagerl.hub.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;

/**
 * What {@code tokenizer_config.json}, {@code special_tokens_map.json} and {@code added_tokens.json} say; all three may be
 * absent.
 *
 * @param maxLength tokens of an encoded prompt, with begin and end
 * @param bos begins every prompt
 * @param eos ends every prompt
 * @param unknown stands for what the vocabulary lacks
 * @param pad fills up to {@code maxLength}
 * @param added id to further added tokens, ascending
 */
record TokenizerSettings(
        int maxLength,
        AddedToken bos,
        AddedToken eos,
        AddedToken unknown,
        AddedToken pad,
        Map<Integer, AddedToken> added) {
    static final int CLIP_LENGTH = 77;
    private static final int MAX_LENGTH = 1 << 16;
    private static final int MAX_ADDED = 10_000;
    static final String END_OF_TEXT = "<|endoftext|>";
    static final String START_OF_TEXT = "<|startoftext|>";

    /** Those of the published CLIP. */
    static TokenizerSettings published() {
        AddedToken end = AddedToken.plain(END_OF_TEXT);
        return new TokenizerSettings(CLIP_LENGTH, AddedToken.plain(START_OF_TEXT), end, end, end, Map.of());
    }

    static TokenizerSettings read(Path folder) {
        Optional<ConfigFile> config = readIfPresent(folder.resolve("tokenizer_config.json"));
        boolean modern =
                config.flatMap(file -> file.value("added_tokens_decoder")).isPresent();
        // As transformers: a file without added_tokens_decoder is of the old form, and there the map has the last word.
        // Stable
        // Diffusion 2 depends on it: its config pads with the end of text, its map with "!".
        Optional<ConfigFile> map = modern ? Optional.empty() : readIfPresent(folder.resolve("special_tokens_map.json"));
        return new TokenizerSettings(
                config.map(TokenizerSettings::maxLength).orElse(CLIP_LENGTH),
                token("bos_token", START_OF_TEXT, map, config),
                token("eos_token", END_OF_TEXT, map, config),
                token("unk_token", END_OF_TEXT, map, config),
                token("pad_token", END_OF_TEXT, map, config),
                modern ? decoder(config.orElseThrow()) : legacy(folder.resolve("added_tokens.json")));
    }

    /** The same with another token for filling up. */
    TokenizerSettings paddedWith(String token) {
        return new TokenizerSettings(maxLength, bos, eos, unknown, AddedToken.plain(token), added);
    }

    /** Every token that is matched before words are split, by content. */
    Map<String, AddedToken> all() {
        Map<String, AddedToken> all = new LinkedHashMap<>();
        added.values().forEach(token -> all.put(token.content(), token));
        for (AddedToken token : new AddedToken[] {bos, eos, unknown, pad}) {
            all.putIfAbsent(token.content(), token);
        }
        return all;
    }

    private static Optional<ConfigFile> readIfPresent(Path file) {
        return Files.exists(file) ? Optional.of(ConfigFile.read(file)) : Optional.empty();
    }

    /** A file without a limit holds a huge number, 1e30; then, or without the key, CLIP's own length is meant. */
    private static int maxLength(ConfigFile file) {
        double length = file.optionalNumber("model_max_length").orElse(Double.MAX_VALUE);
        if (length > MAX_LENGTH) {
            return CLIP_LENGTH;
        }
        return file.integer("model_max_length", CLIP_LENGTH, 2, MAX_LENGTH);
    }

    private static AddedToken token(String key, String absent, Optional<ConfigFile> map, Optional<ConfigFile> config) {
        return map.flatMap(file -> token(file, key))
                .or(() -> config.flatMap(file -> token(file, key)))
                .orElse(AddedToken.plain(absent));
    }

    private static Optional<AddedToken> token(ConfigFile file, String key) {
        return file.value(key).map(node -> AddedToken.of(file, key, node));
    }

    private static Map<Integer, AddedToken> decoder(ConfigFile file) {
        JsonNode entries = file.value("added_tokens_decoder").orElseThrow();
        Map<Integer, AddedToken> tokens = new TreeMap<>();
        requireFew(file, entries.size());
        entries.forEachEntry((id, node) -> tokens.put(id(file, id), AddedToken.of(file, "added_tokens_decoder", node)));
        return tokens;
    }

    private static Map<Integer, AddedToken> legacy(Path path) {
        Map<Integer, AddedToken> tokens = new TreeMap<>();
        readIfPresent(path).ifPresent(file -> {
            requireFew(file, file.keys().size());
            for (String content : file.keys()) {
                tokens.put(file.integer(content, 0, 0, VocabularyFiles.MAX_ID), AddedToken.plain(content));
            }
        });
        return tokens;
    }

    private static int id(ConfigFile file, String text) {
        if (!text.matches("[0-9]{1,8}") || Integer.parseInt(text) > VocabularyFiles.MAX_ID) {
            throw file.refusal("added_tokens_decoder", "expected token ids as keys, not " + Quote.of(text));
        }
        return Integer.parseInt(text);
    }

    private static void requireFew(ConfigFile file, int count) {
        if (count > MAX_ADDED) {
            throw UserException.input(file.file() + ": more than " + MAX_ADDED + " added tokens");
        }
    }
}
