package org.imagerl.latent.clip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.toolkit.nn.LayerNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.Parameter.Init;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** Transformers' {@code SiglipMultiheadAttentionPoolingHead}: a learned probe attends to all patches. */
final class ProbeHead {
    private final Parameter probe;
    private final Parameter fusedWeight;
    private final Parameter fusedBias;
    private final Linear out;
    private final LayerNorm norm;
    private final FeedForward feedForward;
    private final EncoderShape shape;

    ProbeHead(ParameterScope place, EncoderShape shape) {
        this.shape = shape;
        int width = shape.width();
        Init init = new Init.Normal(0.02);
        probe = place.parameter("probe", new Shape(1, 1, width), init);
        fusedWeight = place.at("attention").parameter("in_proj_weight", new Shape(3L * width, width), init);
        fusedBias = place.at("attention").parameter("in_proj_bias", new Shape(3L * width), init);
        out = place.at("attention.out_proj").linear(width, width);
        norm = place.at("layernorm").layerNorm(width, shape.layerNormEps());
        feedForward = new FeedForward(place.at("mlp"), shape);
    }

    /** {@code [B, N, E]} to {@code [B, E]}. */
    NDArray apply(NDArray x) {
        return Scope.of(() -> {
            NDArray asked = part(0, VisionTower.repeated(x, probe.value()));
            NDArray seen = out.apply(Kernels.attention(asked, part(1, x), part(2, x), shape.heads(), false));
            return seen.add(feedForward.apply(norm.apply(seen))).reshape(-1, shape.width());
        });
    }

    /** Queries, keys and values are one tensor in the file. */
    private NDArray part(int part, NDArray x) {
        return JniUtils.linear((PtNDArray) x, rows(fusedWeight, part), rows(fusedBias, part));
    }

    private PtNDArray rows(Parameter fused, int part) {
        long width = shape.width();
        return JniUtils.slice((PtNDArray) fused.value(), 0, part * width, (part + 1) * width, 1);
    }
}
