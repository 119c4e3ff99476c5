package org.imagerl.latent.reward;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.imagerl.latent.clip.SimilarityModel;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Scores of preprocessed images.
 *
 * @param model the towers
 * @param formula what is made of the embeddings
 * @param prompts what images are compared with; null where a head judges the image alone
 * @param head null where images are compared with prompts
 */
record ImageScorer(
        SimilarityModel model,
        Formula formula,
        @Nullable PromptEmbeddings prompts,
        @Nullable AestheticHead head) implements AutoCloseable {

    /**
     * Scores images; differentiable.
     *
     * @param pixels float32 {@code [B, 3, S, S]}, preprocessed
     * @return float32 {@code [B]}
     */
    NDArray of(NDArray pixels, List<Prompt> asked) {
        return Scope.of(() -> {
            NDArray embeddings = model.images(pixels);
            if (head != null) {
                NDArray weights = pixels.getManager().create(head.weights()).duplicate();
                return Kernels.shift(embeddings.mul(weights).sum(new int[] {1}), head.bias());
            }
            NDArray wanted = Objects.requireNonNull(prompts)
                    .of(pixels.getManager(), asked.stream().map(Prompt::text).toList());
            return formula.of(embeddings.mul(wanted).sum(new int[] {1}), model);
        });
    }

    /** What there is beside the model: the tokenizer or the head. */
    Path file() {
        return head != null ? head.file() : Objects.requireNonNull(prompts).source();
    }

    @Override
    public void close() {
        if (prompts != null) {
            prompts.close();
        }
    }
}
