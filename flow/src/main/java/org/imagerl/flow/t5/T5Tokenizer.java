package org.imagerl.flow.t5;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.imagerl.hub.tokenizer.JsonTokenizer;
import org.imagerl.hub.tokenizer.PromptTokenizer;
import org.imagerl.spi.UserException;

/**
 * T5's tokenizer (Kudo, Richardson, SentencePiece, 2018, arXiv 1808.06226), from a folder with {@code tokenizer.json}: a prompt becomes
 * its tokens, end of sequence, and padding. May be used by several threads.
 */
public final class T5Tokenizer implements PromptTokenizer {
    private static final String END = "</s>";
    private static final String PAD = "<pad>";

    private final JsonTokenizer tokenizer;
    private final int maxLength;
    private final int endId;
    private final int padId;

    private T5Tokenizer(JsonTokenizer tokenizer, int maxLength) {
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.endId = tokenizer.id(END);
        this.padId = tokenizer.id(PAD);
    }

    /**
     * Loads a tokenizer.
     *
     * @param maxLength tokens of an encoded prompt, at least 1
     * @throws UserException naming the file that is absent, too large or malformed
     */
    public static T5Tokenizer load(Path folder, int maxLength) {
        Path file = folder.resolve("tokenizer.json");
        if (!Files.exists(file) && Files.exists(folder.resolve("spiece.model"))) {
            throw UserException.input(
                    folder + ": has spiece.model but no tokenizer.json, which is what is read here; make it in "
                            + "Python by transformers.T5TokenizerFast.from_pretrained(FOLDER).save_pretrained(FOLDER)");
        }
        if (!Files.exists(file)) {
            throw UserException.input(
                    folder + ": has no tokenizer.json; copy it from the model that this one was made from");
        }
        JsonTokenizer tokenizer = JsonTokenizer.read(file);
        try {
            return new T5Tokenizer(tokenizer, maxLength);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    @Override
    public int[] encode(String prompt) {
        int[] tokens = tokenizer.ids(prompt, false);
        int kept = Math.min(tokens.length, maxLength - 1);
        int[] ids = Arrays.copyOf(tokens, maxLength);
        ids[kept] = endId;
        Arrays.fill(ids, kept + 1, maxLength, padId);
        return ids;
    }

    @Override
    public Optional<String> cutOff(String prompt) {
        boolean cut = tokenizer.ids(prompt, false).length >= maxLength;
        return cut ? Optional.of(tokenizer.from(prompt, false, maxLength - 1)) : Optional.empty();
    }

    @Override
    public int maxLength() {
        return maxLength;
    }

    @Override
    public int vocabularySize() {
        return tokenizer.vocabularySize();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
