package org.imagerl.hub.tokenizer;

import java.nio.file.Path;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.UserException;
import tools.jackson.databind.JsonNode;

/**
 * A token that is found in a prompt as it stands, before words are split.
 *
 * @param content the text
 * @param singleWord only where it is no part of a word
 * @param lstrip takes the white space on its left with it
 * @param rstrip takes the white space on its right with it
 */
record AddedToken(String content, boolean singleWord, boolean lstrip, boolean rstrip) {

    /** One that is found within words too, and takes no white space with it. */
    static AddedToken plain(String content) {
        return new AddedToken(content, false, false, false);
    }

    /** The forms in which the files write one: a string, or an object with a {@code content}. */
    static AddedToken of(ConfigFile file, String key, JsonNode node) {
        if (node.isString()) {
            return checked(file.file(), key, plain(node.stringValue()));
        }
        if (!node.isObject() || !node.path("content").isString()) {
            throw file.refusal(key, "expected a token: a string, or an object with a \"content\"");
        }
        return checked(
                file.file(),
                key,
                new AddedToken(
                        node.get("content").stringValue(),
                        node.path("single_word").asBoolean(false),
                        node.path("lstrip").asBoolean(false),
                        node.path("rstrip").asBoolean(false)));
    }

    private static AddedToken checked(Path file, String key, AddedToken token) {
        if (token.content.isEmpty() || token.content.length() > 200) {
            throw UserException.input(file + ": \"" + key + "\" has a token of " + token.content.length()
                    + " characters; expected 1 to 200");
        }
        return token;
    }
}
