package org.imagerl.rewards.model;

import java.util.List;
import java.util.Map;
import org.imagerl.hub.preprocess.PreprocessConfig;
import org.imagerl.spi.Source;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a reward model. Every key but the folder may be absent: then it follows from the files of the folder.
 * A manifest {@code reward.yaml} in the folder has the same keys.
 *
 * @param folder with the model, as Hugging Face Optimum exports it
 * @param kind what is compared or judged
 * @param files names of files, where they are not the usual ones
 * @param preprocess how images are made into numbers
 * @param tokenizer how prompts are made into numbers
 * @param inputs what each input of the model takes, by its name: {@code image}, {@code text.ids}, {@code text.mask} or
 *     {@code text.types}
 * @param output which output is read, and how it becomes one number per image
 * @param formula what is done with that number
 * @param range the lowest and the highest score there can be
 * @param higherIsBetter whether better images have higher scores; true if absent
 * @param unit what one unit is, for people
 * @param version of the model, for people
 * @param license of the model, for people
 * @param golden images whose score is known, for {@code imagerl reward verify}
 * @param batchSize images per run of the model; 1 on the CPU and 16 on a GPU if absent. Above 1 scores differ in their
 *     last bits with what else is in the batch
 * @param device {@code auto}, {@code cpu} or {@code cuda:N}; {@code auto} if absent, which follows the device of the
 *     run
 */
@Source(
        value = "folder",
        manifest = {"reward.yaml", "reward.json"})
public record OnnxConfig(
        String folder,
        @Nullable Kind kind,
        @Nullable Files files,
        @Nullable PreprocessConfig preprocess,
        @Nullable Tokens tokenizer,
        @Nullable Map<String, String> inputs,
        @Nullable Output output,
        @Nullable FormulaConfig formula,
        @Nullable Range range,
        @Nullable Boolean higherIsBetter,
        @Nullable String unit,
        @Nullable String version,
        @Nullable String license,
        @Nullable List<GoldenPair> golden,
        @Nullable Integer batchSize,
        @Nullable String device) {

    private static final int MAX_CHARACTERS = 200;

    /** Refuses what cannot be. */
    public OnnxConfig {
        if (batchSize != null && (batchSize < 1 || batchSize > 4096)) {
            throw UserException.input("batch_size is " + batchSize + "; it must be from 1 to 4096");
        }
        requireShort("unit", unit);
        requireShort("version", version);
        requireShort("license", license);
    }

    private static void requireShort(String key, @Nullable String text) {
        if (text != null && text.length() > MAX_CHARACTERS) {
            throw UserException.input(key + " has " + text.length() + " characters; it may have " + MAX_CHARACTERS
                    + ": it stands in tables and lists");
        }
    }

    /** A model whose outputs are read by others: what is not given here does not matter to them. */
    public static OnnxConfig bare(
            String folder,
            @Nullable Files files,
            @Nullable PreprocessConfig preprocess,
            @Nullable Map<String, String> inputs,
            @Nullable Output output,
            @Nullable String device) {
        return new OnnxConfig(
                folder,
                null,
                files,
                preprocess,
                null,
                inputs,
                output,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                device);
    }

    /** The same for a folder. */
    OnnxConfig in(String of) {
        return new OnnxConfig(
                of,
                kind,
                files,
                preprocess,
                tokenizer,
                inputs,
                output,
                formula,
                range,
                higherIsBetter,
                unit,
                version,
                license,
                golden,
                batchSize,
                device);
    }

    /** What is compared or judged. */
    public enum Kind {
        /** An image and a text, each embedded for itself: CLIP, PickScore, SigLIP. */
        IMAGE_TEXT_SIMILARITY,
        /** An image and a text, looked at together: ImageReward. */
        IMAGE_TEXT_SCALAR,
        /** An image alone: aesthetics, quality, classes, detectors. */
        IMAGE_SCALAR
    }

    /**
     * Names of files in the folder, or in {@code onnx/} in it.
     *
     * @param model the one of both towers, or of an image alone
     * @param textModel the text tower
     * @param visionModel the image tower
     * @param head what makes a score of an embedding of length 1: an ONNX model, or a .json of {@code weights} and {@code bias}
     */
    public record Files(
            @Nullable String model,
            @Nullable String textModel,
            @Nullable String visionModel,
            @Nullable String head) {}

    /**
     * How prompts become token ids.
     *
     * @param maxLength longer prompts are cut; by default what the tokenizer's folder says
     * @param padding to what length
     * @param prefix what stands before every prompt, with its space
     */
    public record Tokens(
            @Nullable Integer maxLength,
            @Nullable Padding padding,
            @Nullable String prefix) {
        /** Refuses what cannot be. */
        public Tokens {
            if (maxLength != null && (maxLength < 2 || maxLength > 1 << 16)) {
                throw UserException.input("max_length is " + maxLength + "; it must be from 2 to 65536");
            }
            requireShort("prefix", prefix);
        }
    }

    /** To what length prompts are padded. */
    public enum Padding {
        /** Not at all: prompts are run one at a time. */
        LONGEST,
        /** To {@code max_length}. */
        MAX_LENGTH
    }

    /**
     * Which output is read.
     *
     * @param name of the output; by default {@code logits_per_image} or the only one
     * @param select of towers: their scaled product, or the cosine of their embeddings
     * @param imageEmbeds name of the output with embeddings of images
     * @param textEmbeds name of the output with embeddings of texts
     * @param activation what is done to all values of an image first
     * @param reduce how they become one
     * @param index of the class, for {@code class}
     * @param bins the value of each class, for {@code expectation}; 1, 2, 3 and so on if absent
     * @param threshold for {@code count}
     */
    public record Output(
            @Nullable String name,
            @Nullable Select select,
            @Nullable String imageEmbeds,
            @Nullable String textEmbeds,
            @Nullable Activation activation,
            @Nullable Reduce reduce,
            @Nullable Integer index,
            @Nullable List<Double> bins,
            @Nullable Double threshold) {
        /** Refuses what is no number. */
        public Output {
            requireFinite("threshold", threshold);
            if (bins != null) {
                bins.forEach(bin -> requireFinite("bins", bin));
            }
        }
    }

    /** What is taken of two towers. */
    public enum Select {
        /** The model's own {@code logits_per_image}: the cosine times its temperature. */
        LOGIT,
        COSINE
    }

    /** What is done to the values of an image. */
    public enum Activation {
        NONE,
        SOFTMAX,
        SIGMOID
    }

    /** How the values of an image become one. */
    public enum Reduce {
        /** There is only one. */
        VALUE,
        /** That of one class. */
        CLASS,
        /** The mean of the bins, weighted by the values. */
        EXPECTATION,
        MEAN,
        /** The highest: of a detector, how sure it is of its surest find. */
        MAX,
        /** How many are above the threshold. */
        COUNT
    }

    /**
     * {@code clamp(scale * x + offset, min, max)}.
     *
     * @param scale 1 if absent
     * @param offset 0 if absent
     * @param min no limit if absent
     * @param max no limit if absent
     */
    public record FormulaConfig(
            @Nullable Double scale,
            @Nullable Double offset,
            @Nullable Double min,
            @Nullable Double max) {
        /** Refuses what is no number. */
        public FormulaConfig {
            requireFinite("formula.scale", scale);
            requireFinite("formula.offset", offset);
            requireFinite("formula.min", min);
            requireFinite("formula.max", max);
            if (min != null && max != null && min > max) {
                throw UserException.input("formula.min is " + min + ", above formula.max, which is " + max);
            }
        }
    }

    private static void requireFinite(String key, @Nullable Double value) {
        if (value != null && !Double.isFinite(value)) {
            throw UserException.input(key + " is " + value + "; it must be a finite number");
        }
    }

    /** The lowest and the highest score there can be. */
    public record Range(double min, double max) {
        /** Refuses an empty range. */
        public Range {
            if (!(min < max)) {
                throw UserException.input("min must be below max, but " + min + " is not below " + max);
            }
        }
    }

    /**
     * An image whose score is known.
     *
     * @param image file, relative to the folder
     * @param prompt empty if absent
     * @param score what the published code gives
     * @param tolerance greatest difference that is allowed; 0.001 if absent
     */
    public record GoldenPair(
            String image,
            @Nullable String prompt,
            double score,
            @Nullable Double tolerance) {
        /** Refuses what nothing can be compared with. */
        public GoldenPair {
            requireFinite("score", score);
            if (tolerance != null && !(tolerance >= 0 && Double.isFinite(tolerance))) {
                throw UserException.input("tolerance is " + tolerance + "; it must be 0 or above");
            }
        }
    }
}
