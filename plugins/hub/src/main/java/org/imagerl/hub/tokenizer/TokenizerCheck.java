package org.imagerl.hub.tokenizer;

import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Looks a {@code tokenizer.json} through before native code sees it. Hugging Face's library ends the process where Rust panics (a
 * character map that is none, a token that no template declares), and takes time and memory without bound where steps multiply what they
 * are given. So only steps that are known by name pass, each with its numbers in bounds; what encoding does not need is left out.
 */
final class TokenizerCheck {
    private static final JsonMapper JSON = new JsonMapper();

    private TokenizerCheck() {}

    /**
     * Checks a file.
     *
     * @param file for messages
     * @param json all of it
     * @return the part of it that encodes texts: neither decoder, nor truncation and padding, which callers do themselves
     * @throws org.imagerl.spi.UserException naming the place of the first thing that is wrong or unknown
     */
    static ObjectNode check(Path file, JsonNode json) {
        Section root = new Section(file, "", json);
        if (!json.isObject()) {
            throw new Section(file, "tokenizer", json).refusal("expected one JSON object");
        }
        AddedTokensCheck.check(root.at("added_tokens"));
        new NormalizerCheck().check(root.at("normalizer"));
        new PreTokenizerCheck().check(root.at("pre_tokenizer"));
        new PostProcessorCheck().check(root.at("post_processor"));
        ObjectNode checked = JSON.createObjectNode().put("version", "1.0");
        for (String key : new String[] {"added_tokens", "normalizer", "pre_tokenizer", "post_processor"}) {
            if (json.has(key)) {
                checked.set(key, json.get(key));
            }
        }
        checked.set("model", ModelCheck.check(root.at("model")));
        return checked;
    }
}
