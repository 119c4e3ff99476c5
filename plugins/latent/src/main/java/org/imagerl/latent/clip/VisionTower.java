package org.imagerl.latent.clip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.LayerNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.Parameter.Init;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * The image tower of a model that compares images with texts, transformers' {@code CLIPVisionModel} with projection or {@code SiglipVisionModel}: a vision
 * transformer (Dosovitskiy et al., An Image is Worth 16x16 Words, 2020, arXiv 2010.11929) on patches. CLIP reads a token of its own that is before the
 * patches, SigLIP lets a learned probe look at all of them.
 */
final class VisionTower {
    private final VisionConfig config;
    private final Conv2d patches;
    private final Parameter positions;
    private final List<ClipLayer> layers = new ArrayList<>();
    private final LayerNorm finalNorm;

    /** Of a CLIP. */
    private record Token(Parameter embedding, LayerNorm norm, Linear projection) {}

    private final Optional<Token> token;
    private final Optional<ProbeHead> probe;

    VisionTower(ParameterScope root, VisionConfig config, Similarity kind, int width) {
        this.config = config;
        int own = config.shape().width();
        double eps = config.shape().layerNormEps();
        boolean clip = kind == Similarity.CLIP;
        ParameterScope place = root.at("vision_model");
        ParameterScope embeddings = place.at("embeddings");
        Init init = new Init.Normal(0.02);
        Optional<Parameter> first =
                clip ? Optional.of(embeddings.parameter("class_embedding", new Shape(own), init)) : Optional.empty();
        patches = embeddings.at("patch_embedding").conv2d(3, own, config.patchSize(), config.patchSize(), 0, !clip);
        positions = embeddings
                .at("position_embedding")
                .parameter("weight", new Shape(config.patches() + (clip ? 1 : 0), own), init);
        Optional<LayerNorm> norm = clip ? Optional.of(place.at("pre_layrnorm").layerNorm(own, eps)) : Optional.empty();
        for (int i = 0; i < config.layers(); i++) {
            layers.add(new ClipLayer(place.at("encoder.layers").at(i), config.shape()));
        }
        finalNorm = place.at("post_layernorm").layerNorm(own, eps);
        token = first.map(embedding -> new Token(
                embedding, norm.orElseThrow(), root.at("visual_projection").linear(own, width, false)));
        probe = clip ? Optional.empty() : Optional.of(new ProbeHead(place.at("head"), config.shape()));
    }

    /**
     * Embeds images; differentiable.
     *
     * @param pixels float32 {@code [B, 3, S, S]}, preprocessed, of {@link VisionConfig#imageSize}
     * @return float32 {@code [B, P]}, of any length
     */
    NDArray apply(NDArray pixels) {
        return Scope.of(() -> {
            NDArray x = Kernels.sequence(patches.apply(pixels));
            if (token.isPresent()) {
                x = token.get()
                        .norm
                        .apply(withToken(x, token.get().embedding.value()).add(positions.value()));
            } else {
                x = x.add(positions.value());
            }
            for (ClipLayer layer : layers) {
                x = layer.apply(x);
            }
            return token.isPresent()
                    ? read(x, token.get())
                    : probe.orElseThrow().apply(finalNorm.apply(x));
        });
    }

    /** The sequence {@code [B, N, E]} after one more element. */
    private static NDArray withToken(NDArray x, NDArray embedding) {
        return repeated(x, embedding).concat(x, 1);
    }

    /** A weight of E numbers for each sample of {@code [B, N, E]}, as {@code [B, 1, E]}. */
    static NDArray repeated(NDArray x, NDArray weight) {
        Shape shape = new Shape(x.getShape().get(0), 1, x.getShape().get(2));
        return x.getManager().zeros(shape, DataType.FLOAT32).add(weight);
    }

    private NDArray read(NDArray x, Token of) {
        NDArray first = JniUtils.slice((PtNDArray) x, 1, 0, 1, 1)
                .reshape(-1, config.shape().width());
        return of.projection.apply(finalNorm.apply(first));
    }
}
