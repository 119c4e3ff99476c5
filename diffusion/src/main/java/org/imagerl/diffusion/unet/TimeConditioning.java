package org.imagerl.diffusion.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.latent.time.Sinusoid;
import org.imagerl.latent.time.TimestepEmbedding;
import org.imagerl.spi.Checkpointing;
import org.imagerl.spi.Pipeline;
import org.imagerl.toolkit.nn.Embedding;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * The time embedding: sinusoids of the timestep through {@code time_embedding}, plus the class embedding, plus SDXL's embedding
 * of pooled text and image sizes (Podell et al., SDXL, 2023, arXiv 2307.01952, section 2.2), as far as the network has them; plus {@link
 * Pipeline#MODULATION}, where it is given.
 */
final class TimeConditioning {
    private static final String GUIDANCE = "guidance";

    private final Sinusoid timesteps;
    private final TimestepEmbedding time;
    private final Optional<Embedding> classes;
    private final Optional<TextTime> textTime;
    private final Optional<Guidance> guidance;

    /**
     * The embedding of a guidance scale s by the sinusoid of 1000 (s - 1), as diffusers' {@code get_guidance_scale_embedding}: C. Meng et al.,
     * "On Distillation of Guided Diffusion Models", 2022, arXiv 2210.03142; w = s - 1.
     */
    private record Guidance(Sinusoid scales, Linear projection) {
        NDArray apply(NDArray scale, DataType type) {
            NDArray scaled = Kernels.scale(Kernels.shift(Kernels.cast(scale, DataType.FLOAT64), -1), 1000);
            return projection.apply(Kernels.cast(scales.apply(scaled), type));
        }
    }

    private record TextTime(Sinusoid sizes, TimestepEmbedding embedding) {}

    TimeConditioning(ParameterScope root, UnetConfig config) {
        int width = config.timeEmbeddingDim();
        int base = config.down().get(0).channels();
        timesteps = new Sinusoid(base, config.flipSinToCos(), config.freqShift());
        time = new TimestepEmbedding(root.at("time_embedding"), base, width);
        guidance = config.guidanceWidth()
                .map(wide -> new Guidance(
                        new Sinusoid(wide, false, 1),
                        root.at("time_embedding").at("cond_proj").linear(wide, base, false)));
        classes =
                config.classEmbeddings().map(rows -> root.at("class_embedding").embedding(rows, width, 1));
        textTime = config.textTime()
                .map(added -> new TextTime(
                        new Sinusoid(added.timeDim(), config.flipSinToCos(), config.freqShift()),
                        new TimestepEmbedding(root.at("add_embedding"), added.inputDim(), width)));
    }

    /**
     * SiLU of the time embedding, the only form in which residual blocks use it; one segment.
     *
     * @param timesteps float64 {@code [B]}
     * @param conditioning see {@link UNet#forward}
     * @param type dtype of the weights
     * @return {@code [B, timeEmbeddingDim]}
     */
    NDArray apply(Checkpointing checkpointed, NDArray timesteps, Map<String, NDArray> conditioning, DataType type) {
        NDArray[] inputs =
                Stream.concat(Stream.of(timesteps), conditioned(conditioning)).toArray(NDArray[]::new);
        boolean modulated = conditioning.containsKey(Pipeline.MODULATION);
        return Gradients.segment(checkpointed.on(), in -> Kernels.silu(embed(in, type, modulated)), inputs);
    }

    private Stream<NDArray> conditioned(Map<String, NDArray> conditioning) {
        Stream<String> labels = classes.stream().map(table -> "class_labels");
        Stream<String> added = textTime.stream().flatMap(embedding -> Stream.of("text_embeds", "time_ids"));
        Stream<String> scale = guidance.stream().map(projection -> GUIDANCE);
        Stream<String> more = Stream.of(Pipeline.MODULATION).filter(conditioning::containsKey);
        return Stream.of(scale, labels, added, more)
                .flatMap(names -> names)
                .map(name -> UNet.required(conditioning, name));
    }

    private NDArray embed(NDArray[] in, DataType type, boolean modulated) {
        int next = 1;
        NDArray sinusoid = Kernels.cast(timesteps.apply(in[0]), type);
        if (guidance.isPresent()) {
            sinusoid = sinusoid.add(guidance.get().apply(in[next++], type));
        }
        NDArray embedding = time.apply(sinusoid);
        if (classes.isPresent()) {
            // A copy, because the graph of a table look-up keeps the indices, and theirs may be memory of the Java
            // heap.
            embedding = embedding.add(classes.get().apply(in[next++].duplicate()));
        }
        if (textTime.isPresent()) {
            embedding = embedding.add(added(textTime.get(), in[next], in[next + 1], type));
        }
        if (modulated) {
            embedding = embedding.add(Kernels.cast(in[in.length - 1], type));
        }
        return embedding;
    }

    private static NDArray added(TextTime textTime, NDArray pooledText, NDArray timeIds, DataType type) {
        NDArray sizes = textTime.sizes()
                .apply(timeIds.reshape(-1))
                .reshape(timeIds.getShape().get(0), -1);
        return textTime.embedding().apply(Kernels.cast(pooledText, type).concat(Kernels.cast(sizes, type), 1));
    }
}
