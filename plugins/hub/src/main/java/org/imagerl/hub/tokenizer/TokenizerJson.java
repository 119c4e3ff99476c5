package org.imagerl.hub.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Composes the {@code tokenizer.json} that a folder of {@code vocab.json} and {@code merges.txt} stands for: the steps of
 * transformers' {@code CLIPTokenizer} (the Python one, without ftfy) in the terms of Hugging Face's tokenizers library.
 */
final class TokenizerJson {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String WORDS = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

    private final Path folder;
    private final TokenizerSettings settings;
    private final Map<String, Integer> vocabulary;
    private final List<List<String>> merges;

    private TokenizerJson(
            Path folder, TokenizerSettings settings, Map<String, Integer> vocabulary, List<List<String>> merges) {
        this.folder = folder;
        this.settings = settings;
        this.vocabulary = vocabulary;
        this.merges = merges;
    }

    /** Of a folder's {@code vocab.json} and {@code merges.txt}. */
    static TokenizerJson of(Path folder, TokenizerSettings settings) {
        if (!Files.exists(folder.resolve("vocab.json")) || !Files.exists(folder.resolve("merges.txt"))) {
            throw UserException.input(
                    folder + ": has no tokenizer: neither tokenizer.json nor vocab.json with merges.txt;"
                            + " copy them from the model that this one was made from");
        }
        return new TokenizerJson(
                folder,
                settings,
                VocabularyFiles.vocabulary(folder.resolve("vocab.json")),
                VocabularyFiles.merges(folder.resolve("merges.txt")));
    }

    /** Of CLIP's published vocabulary. */
    static TokenizerJson published(TokenizerSettings settings) {
        return new TokenizerJson(
                PublishedVocabulary.PLACE, settings, PublishedVocabulary.tokens(), PublishedVocabulary.merges());
    }

    ObjectNode compose() {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", "1.0");
        root.set("added_tokens", addedTokens());
        root.set("normalizer", normalizer());
        root.set("pre_tokenizer", preTokenizer());
        root.set("post_processor", postProcessor());
        root.set("model", model());
        return root;
    }

    /** The library numbers tokens that its vocabulary lacks itself, upwards from the end; no other numbering will do. */
    private ArrayNode addedTokens() {
        Map<String, Integer> ids = addedIds();
        Map<Integer, AddedToken> sorted = new TreeMap<>();
        settings.all().forEach((content, token) -> sorted.put(id(content, ids), token));
        ArrayNode nodes = JSON.createArrayNode();
        int next = vocabulary.size();
        for (Map.Entry<Integer, AddedToken> entry : sorted.entrySet()) {
            AddedToken token = entry.getValue();
            if (!vocabulary.containsKey(token.content()) && entry.getKey() != next++) {
                throw UserException.input(folder + ": the added token " + Quote.of(token.content()) + " has the id "
                        + entry.getKey() + "; expected " + (next - 1) + ", the first that is free");
            }
            nodes.add(addedToken(entry.getKey(), token));
        }
        return nodes;
    }

    private Map<String, Integer> addedIds() {
        Map<String, Integer> ids = new TreeMap<>();
        settings.added().forEach((id, token) -> ids.put(token.content(), id));
        return ids;
    }

    private int id(String content, Map<String, Integer> added) {
        Integer known = vocabulary.get(content);
        int id = added.getOrDefault(content, known == null ? -1 : known);
        if (id < 0) {
            throw UserException.input(folder.resolve("vocab.json") + ": has no token " + Quote.of(content)
                    + ", a special token of this tokenizer");
        }
        if (known != null && known != id) {
            throw UserException.input(folder.resolve("vocab.json") + ": token " + Quote.of(content) + " has the id "
                    + known + ", but as an added token it has " + id);
        }
        return id;
    }

    private static ObjectNode addedToken(int id, AddedToken token) {
        return JSON.createObjectNode()
                .put("id", id)
                .put("content", token.content())
                .put("single_word", token.singleWord())
                .put("lstrip", token.lstrip())
                .put("rstrip", token.rstrip())
                .put("normalized", true)
                .put("special", true);
    }

    /** BasicTokenizer: no control characters, blanks around Chinese characters; then NFC and lower case. */
    private static ObjectNode normalizer() {
        ObjectNode basic = type("BertNormalizer")
                .put("clean_text", true)
                .put("handle_chinese_chars", true)
                .put("strip_accents", false)
                .put("lowercase", false);
        return sequence("normalizers", basic, type("NFC"), type("Lowercase"));
    }

    /** CLIP's words, their UTF-8 bytes written as printable characters. */
    private static ObjectNode preTokenizer() {
        ObjectNode split = type("Split").put("behavior", "Removed").put("invert", true);
        split.putObject("pattern").put("Regex", WORDS);
        ObjectNode bytes = type("ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", false);
        return sequence("pretokenizers", split, bytes);
    }

    private ObjectNode postProcessor() {
        ObjectNode processor =
                type("RobertaProcessing").put("trim_offsets", false).put("add_prefix_space", false);
        Map<String, Integer> added = addedIds();
        String eos = settings.eos().content();
        String bos = settings.bos().content();
        processor.putArray("sep").add(eos).add(id(eos, added));
        processor.putArray("cls").add(bos).add(id(bos, added));
        return processor;
    }

    private ObjectNode model() {
        ObjectNode model = type("BPE")
                .put("unk_token", settings.unknown().content())
                .put("continuing_subword_prefix", "")
                .put("end_of_word_suffix", "</w>")
                .put("fuse_unk", false);
        ObjectNode tokens = model.putObject("vocab");
        vocabulary.forEach(tokens::put);
        ArrayNode pairs = model.putArray("merges");
        merges.forEach(pair -> pairs.addArray().add(pair.get(0)).add(pair.get(1)));
        return model;
    }

    private static ObjectNode type(String name) {
        return JSON.createObjectNode().put("type", name);
    }

    private static ObjectNode sequence(String key, ObjectNode... steps) {
        ObjectNode sequence = type("Sequence");
        ArrayNode array = sequence.putArray(key);
        for (ObjectNode step : steps) {
            array.add(step);
        }
        return sequence;
    }
}
