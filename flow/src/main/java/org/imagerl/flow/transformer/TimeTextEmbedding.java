package org.imagerl.flow.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Optional;
import java.util.stream.Stream;
import org.imagerl.latent.time.Sinusoid;
import org.imagerl.latent.time.TimestepEmbedding;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * The vector that modulates all blocks: embeddings of time, of pooled text and, in guidance-distilled models, of the
 * guidance scale, added up. One segment.
 */
public final class TimeTextEmbedding {
    private static final Sinusoid SINUSOID = new Sinusoid(256, true, 0);

    private final TimestepEmbedding time;
    private final Optional<TimestepEmbedding> guidance;
    private final TimestepEmbedding text;

    /**
     * Declares {@code timestep_embedder}, {@code text_embedder} and, if wanted, {@code guidance_embedder}.
     *
     * @param width E
     * @param pooledWidth P
     */
    public TimeTextEmbedding(ParameterScope place, int width, int pooledWidth, boolean withGuidance) {
        time = new TimestepEmbedding(place.at("timestep_embedder"), SINUSOID.width(), width);
        guidance = withGuidance
                ? Optional.of(new TimestepEmbedding(place.at("guidance_embedder"), SINUSOID.width(), width))
                : Optional.empty();
        text = new TimestepEmbedding(place.at("text_embedder"), pooledWidth, width);
    }

    /**
     * SiLU of the sum, the only form in which blocks use it.
     *
     * @param type dtype of the weights
     * @param times floating point {@code [B]}, 0..1000
     * @param pooled floating point {@code [B, P]}
     * @param scales floating point {@code [B]}, guidance scales times 1000; null for a model without
     * @param modulation floating point {@code [B, E]}, added; null for none
     * @return {@code [B, E]}
     */
    public NDArray apply(
            boolean checkpointed,
            DataType type,
            NDArray times,
            NDArray pooled,
            @Nullable NDArray scales,
            @Nullable NDArray modulation) {
        if ((scales != null) != guidance.isPresent()) {
            throw new IllegalArgumentException(
                    guidance.isPresent()
                            ? "the model is conditioned on the guidance scale: the conditioning guidance is missing"
                            : "the model has no embedding of a guidance scale");
        }
        NDArray[] inputs = Stream.of(times, pooled, scales, modulation)
                .filter(input -> input != null)
                .toArray(NDArray[]::new);
        return Gradients.segment(
                checkpointed, in -> Kernels.silu(added(embed(in, type), in, type, modulation != null)), inputs);
    }

    /** The last input, if there is a modulation. */
    private static NDArray added(NDArray sum, NDArray[] in, DataType type, boolean modulated) {
        return modulated ? sum.add(Kernels.cast(in[in.length - 1], type)) : sum;
    }

    private NDArray embed(NDArray[] in, DataType type) {
        NDArray sum = number(time, in[0], type);
        if (guidance.isPresent()) {
            sum = sum.add(number(guidance.get(), in[2], type));
        }
        return sum.add(text.apply(Kernels.cast(in[1], type)));
    }

    private static NDArray number(TimestepEmbedding embedding, NDArray values, DataType type) {
        return embedding.apply(Kernels.cast(SINUSOID.apply(values), type));
    }
}
