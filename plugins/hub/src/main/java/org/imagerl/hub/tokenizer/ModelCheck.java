package org.imagerl.hub.tokenizer;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Checks the vocabulary and the numbers of the model that makes tokens of words. */
final class ModelCheck {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_TOKENS = 4_000_000;
    private static final int MAX_CHARACTERS = 2000;
    private static final int MAX_AFFIX = 16;

    /** The time for a word of WordPiece grows with the cube of its length. */
    private static final int MAX_WORD = 1000;

    private static final double MAX_SCORE = 1e30;

    private ModelCheck() {}

    /** The model with its type, which files of old versions leave out. */
    static JsonNode check(Section model) {
        if (!model.node().isObject()) {
            throw model.refusal("expected an object with a \"vocab\"");
        }
        ObjectNode typed = JSON.createObjectNode().put("type", type(model));
        for (Map.Entry<String, JsonNode> entry : model.node().properties()) {
            if (!entry.getKey().equals("type")) {
                typed.set(entry.getKey(), entry.getValue());
            }
        }
        switch (type(model)) {
            case "BPE" -> bytePairs(model);
            case "Unigram" -> unigram(model);
            case "WordPiece" -> wordPiece(model);
            default -> known(model, ids(model), "unk_token");
        }
        return typed;
    }

    private static String type(Section model) {
        if (!model.at("type").absent()) {
            return model.type("BPE", "Unigram", "WordLevel", "WordPiece");
        }
        if (model.node().has("merges")) {
            return "BPE";
        }
        if (model.node().path("vocab").isArray()) {
            return "Unigram";
        }
        return model.node().has("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
    }

    private static void bytePairs(Section model) {
        Set<String> tokens = ids(model);
        Section dropout = model.at("dropout");
        if (!dropout.absent() && !(dropout.node().isNumber() && dropout.node().doubleValue() == 0)) {
            throw dropout.refusal("expected none: a prompt must always have the same tokens");
        }
        affix(model.at("end_of_word_suffix"));
        String prefix = affix(model.at("continuing_subword_prefix"));
        Section merges = model.at("merges");
        int count = merges.list(0, MAX_TOKENS);
        for (int i = 0; i < count; i++) {
            merge(merges.at(i), prefix, tokens);
        }
    }

    /** The library cuts the prefix off the second token of a pair without a look whether it is there. */
    private static void merge(Section merge, String prefix, Set<String> tokens) {
        boolean pair = merge.node().isArray() && merge.node().size() == 2;
        String text = merge.node().stringValue("");
        String second = pair ? merge.node().path(1).stringValue("") : text.substring(text.indexOf(' ') + 1);
        String first = pair ? merge.node().path(0).stringValue("") : text.substring(0, Math.max(0, text.indexOf(' ')));
        if (first.isEmpty() || second.isEmpty() || !tokens.contains(first) || !tokens.contains(second)) {
            throw merge.refusal("expected two tokens of the vocabulary");
        }
        if (!second.startsWith(prefix)) {
            throw merge.refusal("expected a second token that begins with continuing_subword_prefix");
        }
        if (!tokens.contains(first + second.substring(prefix.length()))) {
            throw merge.refusal("expected two tokens that make one of the vocabulary");
        }
    }

    private static void wordPiece(Section model) {
        known(model, ids(model), "unk_token");
        affix(model.at("continuing_subword_prefix"));
        if (!model.at("max_input_chars_per_word").absent()) {
            model.at("max_input_chars_per_word").integer(1, MAX_WORD);
        }
    }

    private static void unigram(Section model) {
        Section vocabulary = model.at("vocab");
        int count = vocabulary.list(1, MAX_TOKENS);
        for (int i = 0; i < count; i++) {
            JsonNode piece = vocabulary.node().path(i);
            JsonNode score = piece.path(1);
            if (piece.size() != 2 || !score.isNumber() || !(Math.abs(score.doubleValue()) <= MAX_SCORE)) {
                throw vocabulary.at(i).refusal("expected a token and its score, a finite number");
            }
            if (vocabulary.at(i).at(0).text(MAX_CHARACTERS).isEmpty()) {
                throw vocabulary.at(i).at(0).refusal("expected the text of a token");
            }
        }
        model.at("unk_id").integer(0, count - 1);
    }

    private static Set<String> ids(Section model) {
        Section vocabulary = model.at("vocab");
        if (!vocabulary.node().isObject()
                || vocabulary.node().isEmpty()
                || vocabulary.node().size() > MAX_TOKENS) {
            throw vocabulary.refusal("expected an object of 1 to " + MAX_TOKENS + " tokens with their ids");
        }
        Set<String> tokens = new HashSet<>();
        for (Map.Entry<String, JsonNode> entry : vocabulary.node().properties()) {
            JsonNode id = entry.getValue();
            if (!id.isIntegralNumber()
                    || !id.canConvertToInt()
                    || id.intValue() < 0
                    || id.intValue() > VocabularyFiles.MAX_ID) {
                vocabulary.at(entry.getKey()).integer(0, VocabularyFiles.MAX_ID);
            }
            tokens.add(entry.getKey());
        }
        return tokens;
    }

    private static void known(Section model, Set<String> tokens, String key) {
        Section token = model.at(key);
        if (!tokens.contains(token.text(MAX_CHARACTERS))) {
            throw token.refusal("expected a token of the vocabulary, which stands for unknown words");
        }
    }

    private static String affix(Section affix) {
        if (affix.absent()) {
            return "";
        }
        String text = affix.text(MAX_AFFIX);
        if (!text.chars().allMatch(c -> c < 128)) {
            throw affix.refusal("expected ASCII characters");
        }
        return text;
    }
}
