package org.imagerl.hub.tokenizer;

/** Checks the tokens that are found in a text as they stand. */
final class AddedTokensCheck {
    private static final int MAX_TOKENS = 100_000;
    private static final int MAX_CHARACTERS = 1000;

    private AddedTokensCheck() {}

    static void check(Section tokens) {
        if (tokens.absent()) {
            return;
        }
        int count = tokens.list(0, MAX_TOKENS);
        for (int i = 0; i < count; i++) {
            Section token = tokens.at(i);
            token.at("id").integer(0, VocabularyFiles.MAX_ID);
            if (token.at("content").text(MAX_CHARACTERS).isEmpty()) {
                throw token.at("content").refusal("expected the text of a token");
            }
        }
    }
}
