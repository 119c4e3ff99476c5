package org.imagerl.rewards.model;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.hub.preprocess.Preprocess;
import org.imagerl.hub.preprocess.PreprocessConfig;
import org.imagerl.images.ResizeFilter;
import org.imagerl.rewards.model.OnnxConfig.FormulaConfig;
import org.imagerl.rewards.model.OnnxConfig.Kind;
import org.imagerl.rewards.model.OnnxConfig.Padding;
import org.imagerl.rewards.model.OnnxConfig.Range;
import org.imagerl.rewards.model.OnnxConfig.Select;
import org.imagerl.rewards.model.OnnxConfig.Tokens;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/** The published scorers by their usual names: what their code does around the network. */
public final class Presets {
    /** ImageReward.py: {@code (reward - mean) / std}. */
    private static final double IMAGE_REWARD_MEAN = 0.16717362830052426;

    private static final double IMAGE_REWARD_STD = 1.0333394966054072;

    private Presets() {}

    /** A factory for each. */
    public static List<Factory<? extends Reward, ?>> factories() {
        OnnxRewardFactory plain = new OnnxRewardFactory(
                "onnx",
                "an exported ONNX model with the settings of its folder and its reward.yaml",
                new Defaults().config());
        return Stream.of(List.of(plain), cosines(), others())
                .<Factory<? extends Reward, ?>>flatMap(List::stream)
                .toList();
    }

    /** The scorers that compare the embeddings of image and prompt of a CLIP. */
    private static List<OnnxRewardFactory> cosines() {
        Kind pair = Kind.IMAGE_TEXT_SIMILARITY;
        return List.of(
                // Kirstain et al., Pick-a-Pic, 2023, arXiv 2305.01569; flow_grpo pickscore_scorer.py divides by 26.
                new OnnxRewardFactory(
                        "pickscore",
                        "PickScore: a CLIP's logit of image and prompt, divided by 26",
                        new Defaults()
                                .kind(pair, Select.LOGIT)
                                .formula(1 / 26.0, 0, null)
                                .unit("logit / 26, usually 0.6 to 1")
                                .config()),
                // Radford et al., 2021, arXiv 2103.00020; Flow-Factory clip.py.
                new OnnxRewardFactory(
                        "clip",
                        "CLIP: the cosine of image and prompt",
                        new Defaults()
                                .kind(pair, Select.COSINE)
                                .range(-1, 1)
                                .unit("cosine, usually 0.1 to 0.4")
                                .config()),
                // DiffusionNFT clip_scorer.py: torchvision's Resize of floats in [0, 1], which is bilinear whatever the
                // file says.
                new OnnxRewardFactory(
                        "clip100",
                        "CLIP's logit of image and prompt, divided by 100; images resized as DiffusionNFT does",
                        new Defaults()
                                .kind(pair, Select.LOGIT)
                                .formula(0.01, 0, null)
                                .preprocess(PreprocessConfig.resizing(
                                        ResizeFilter.BILINEAR, Preprocess.Precision.FLOAT, Preprocess.Rounding.ROUND))
                                .unit("logit / 100, usually 0.1 to 0.4")
                                .config()),
                // Hessel et al., CLIPScore, 2021, arXiv 2104.08718, section 3 and clipscore.py.
                new OnnxRewardFactory(
                        "clipscore",
                        "CLIPScore: 2.5 times the cosine of image and \"A photo depicts PROMPT\", at least 0",
                        new Defaults()
                                .kind(pair, Select.COSINE)
                                .formula(2.5, 0, 0.0)
                                .prefix("A photo depicts ")
                                .range(0, 2.5)
                                .unit("2.5 x cosine, usually 0.3 to 1")
                                .config()),
                // Wu et al., Human Preference Score v2, 2023, arXiv 2306.09341; hpsv2 img_score.py.
                new OnnxRewardFactory(
                        "hpsv2",
                        "HPSv2: the cosine of image and prompt, images padded to a square",
                        new Defaults()
                                .kind(pair, Select.COSINE)
                                .range(-1, 1)
                                .preprocess(PreprocessConfig.clip(
                                        224,
                                        Preprocess.Resize.LONGEST_PAD,
                                        Preprocess.Precision.FLOAT,
                                        List.of(),
                                        Preprocess.Rounding.FLOOR))
                                .unit("cosine, usually 0.2 to 0.35")
                                .config()));
    }

    /** The scorers with another network, or with a head of their own. */
    private static List<OnnxRewardFactory> others() {
        return List.of(
                // Zhai et al., SigLIP, 2023, arXiv 2303.15343: a sigmoid of the logit; trained on texts padded to 64.
                new OnnxRewardFactory(
                        "siglip",
                        "SigLIP: the probability that the prompt belongs to the image",
                        new Defaults()
                                .kind(Kind.IMAGE_TEXT_SIMILARITY, Select.LOGIT)
                                .sigmoid()
                                .tokens(64)
                                .range(0, 1)
                                .unit("probability")
                                .config()),
                // LAION aesthetic predictor v2 on CLIP ViT-L/14: an affine function of the embedding of length 1.
                new OnnxRewardFactory(
                        "aesthetic",
                        "an aesthetic score of the image alone: an embedding and a linear head (head.onnx or"
                                + " head.json)",
                        new Defaults()
                                .kind(Kind.IMAGE_SCALAR, null)
                                .unit("points, usually 1 to 10")
                                .config()),
                // Xu et al., ImageReward, 2023, arXiv 2304.05977; ImageReward.py.
                new OnnxRewardFactory(
                        "imagereward",
                        "ImageReward: a cross-encoder of image and prompt",
                        new Defaults()
                                .kind(Kind.IMAGE_TEXT_SCALAR, null)
                                .formula(1 / IMAGE_REWARD_STD, -IMAGE_REWARD_MEAN / IMAGE_REWARD_STD, null)
                                .tokens(35)
                                .preprocess(PreprocessConfig.clip(
                                        224,
                                        Preprocess.Resize.SHORTEST,
                                        Preprocess.Precision.UINT8,
                                        List.of(224),
                                        Preprocess.Rounding.ROUND))
                                .unit("standard deviations, usually -2 to 2")
                                .config()));
    }

    /**
     * Makes the reward of a preset from a folder, as the folder is.
     *
     * @throws UserException if there is no such preset, or the folder is none for it
     */
    public static Reward make(String preset, Path folder, Context context) {
        for (Factory<? extends Reward, ?> factory : factories()) {
            if (factory.name().equals(preset) && factory instanceof OnnxRewardFactory made) {
                return made.create(made.defaults().in(folder.toString()), context);
            }
        }
        throw UserException.input("there is no preset " + preset);
    }

    /** Collects what one preset fixes. */
    private static final class Defaults {
        private @Nullable Kind kind;
        private @Nullable Select select;
        private OnnxConfig.@Nullable Activation activation;
        private @Nullable FormulaConfig formula;
        private @Nullable Range range;
        private @Nullable PreprocessConfig preprocess;
        private @Nullable Tokens tokens;
        private @Nullable String unit;

        Defaults kind(Kind what, @Nullable Select how) {
            kind = what;
            select = how;
            return this;
        }

        Defaults formula(double scale, double offset, @Nullable Double min) {
            formula = new FormulaConfig(scale, offset, min, null);
            return this;
        }

        Defaults sigmoid() {
            activation = OnnxConfig.Activation.SIGMOID;
            return this;
        }

        Defaults range(double min, double max) {
            range = new Range(min, max);
            return this;
        }

        Defaults preprocess(PreprocessConfig fixed) {
            preprocess = fixed;
            return this;
        }

        Defaults tokens(int length) {
            tokens = new Tokens(length, Padding.MAX_LENGTH, null);
            return this;
        }

        Defaults prefix(String text) {
            tokens = new Tokens(null, null, text);
            return this;
        }

        Defaults unit(String text) {
            unit = text;
            return this;
        }

        @SuppressWarnings("NullAway") // the folder is required: it has no default
        OnnxConfig config() {
            OnnxConfig.Output output = select == null && activation == null
                    ? null
                    : new OnnxConfig.Output(null, select, null, null, activation, null, null, null, null);
            return new OnnxConfig(
                    null,
                    kind,
                    null,
                    preprocess,
                    tokens,
                    null,
                    output,
                    formula,
                    range,
                    null,
                    unit,
                    null,
                    null,
                    null,
                    null,
                    null);
        }
    }
}
