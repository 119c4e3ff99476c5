package org.imagerl.latent.reward;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.imagerl.hub.preprocess.Preprocess;
import org.imagerl.hub.preprocess.PreprocessConfig;
import org.imagerl.latent.clip.SimilarityModel;
import org.imagerl.spi.Reward.Scope;
import org.imagerl.spi.Reward.Spec;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * How published scorers compute a score from the cosine of image and prompt; the ONNX rewards of the same names compute
 * the same.
 */
enum Formula {
    /** The cosine (Radford et al., 2021, arXiv 2103.00020). */
    CLIP(-1, 1, "cosine, usually 0.1 to 0.4", "") {
        @Override
        NDArray of(NDArray cosine, SimilarityModel model) {
            return cosine;
        }
    },
    /** 2.5 times the cosine of image and "A photo depicts PROMPT", at least 0 (Hessel et al., CLIPScore, 2021, arXiv 2104.08718, section 3). */
    CLIPSCORE(0, 2.5, "2.5 x cosine, usually 0.3 to 1", "A photo depicts ") {
        @Override
        NDArray of(NDArray cosine, SimilarityModel model) {
            return Kernels.clamp(Kernels.scale(cosine, 2.5), 0, 2.5);
        }
    },
    /** The logit divided by 26 (Kirstain et al., Pick-a-Pic, 2023, arXiv 2305.01569; flow_grpo's pickscore_scorer.py). */
    PICKSCORE(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, "logit / 26, usually 0.6 to 1", "") {
        @Override
        NDArray of(NDArray cosine, SimilarityModel model) {
            return Kernels.scale(logit(cosine, model), 1 / 26.0);
        }
    },
    /** The cosine, of images that are padded to a square (Wu et al., Human Preference Score v2, 2023, arXiv 2306.09341; img_score.py). */
    HPSV2(-1, 1, "cosine, usually 0.2 to 0.35", "") {
        @Override
        NDArray of(NDArray cosine, SimilarityModel model) {
            return cosine;
        }

        @Override
        Preprocess preprocess(Preprocess beneath) {
            return PreprocessConfig.clip(
                            224,
                            Preprocess.Resize.LONGEST_PAD,
                            Preprocess.Precision.FLOAT,
                            List.of(),
                            Preprocess.Rounding.FLOOR)
                    .over(beneath);
        }
    },
    /** The probability that the prompt belongs to the image, a sigmoid of the logit (Zhai et al., SigLIP, 2023, arXiv 2303.15343). */
    SIGLIP(0, 1, "probability", "") {
        @Override
        NDArray of(NDArray cosine, SimilarityModel model) {
            return logit(cosine, model).getNDArrayInternal().sigmoid();
        }
    },
    /** An affine function of the image's embedding of length 1 (LAION aesthetic predictor v2), without the prompt. */
    AESTHETIC(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, "points, usually 1 to 10", "") {
        @Override
        NDArray of(NDArray cosine, SimilarityModel model) {
            throw new IllegalStateException("compares with no prompt");
        }
    };

    private final double min;
    private final double max;
    private final String unit;
    private final String prefix;

    Formula(double min, double max, String unit, String prefix) {
        this.min = min;
        this.max = max;
        this.unit = unit;
        this.prefix = prefix;
    }

    /** From cosines float32 {@code [B]} to scores float32 {@code [B]}. */
    abstract NDArray of(NDArray cosine, SimilarityModel model);

    /** What the scores mean. */
    Spec spec() {
        return new Spec(Scope.POINTWISE, min, max, true, unit);
    }

    /** What stands before every prompt. */
    String prefix() {
        return prefix;
    }

    /** What is done to images, where the folder says {@code beneath}. */
    Preprocess preprocess(Preprocess beneath) {
        return beneath;
    }

    private static NDArray logit(NDArray cosine, SimilarityModel model) {
        return Kernels.shift(Kernels.scale(cosine, model.logitScale()), model.logitBias());
    }
}
