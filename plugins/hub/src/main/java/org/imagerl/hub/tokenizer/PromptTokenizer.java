package org.imagerl.hub.tokenizer;

import java.util.Optional;

/** Turns a prompt into the input of a text encoder: a fixed number of token ids. */
public interface PromptTokenizer extends AutoCloseable {

    /**
     * Encodes one prompt for a text encoder.
     *
     * @param prompt any text; special tokens and padding are added
     * @return token ids [{@link #maxLength}]; of a prompt that is too long the end is cut off
     */
    int[] encode(String prompt);

    /** The end of a prompt that the text encoder will not see; empty when it sees all of it. */
    Optional<String> cutOff(String prompt);

    /** Tokens of an encoded prompt. */
    int maxLength();

    /** The highest id and one: the rows that the text encoder's embedding needs. */
    int vocabularySize();

    @Override
    void close();
}
