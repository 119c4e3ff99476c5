package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.Consumer;
import org.imagerl.hub.tokenizer.PromptTokenizer;

/** Turns prompts into token ids for a text encoder. */
public final class TokenBatch {

    private TokenBatch() {}

    /**
     * Token ids of prompts, each padded to the tokenizer's length.
     *
     * @param warnings receives the texts that are cut off
     * @return int64 {@code [B, L]}
     */
    public static NDArray of(
            NDManager manager, PromptTokenizer tokenizer, List<String> texts, Consumer<String> warnings) {
        int length = tokenizer.maxLength();
        long[] ids = new long[texts.size() * length];
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            tokenizer
                    .cutOff(text)
                    .ifPresent(lost -> warnings.accept("the prompt '" + text + "' is longer than " + length
                            + " tokens; the model will not see: '" + lost + "'"));
            int[] row = tokenizer.encode(text);
            for (int k = 0; k < length; k++) {
                ids[i * length + k] = row[k];
            }
        }
        return manager.create(ids, new Shape(texts.size(), length));
    }
}
