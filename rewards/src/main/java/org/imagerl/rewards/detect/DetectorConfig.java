package org.imagerl.rewards.detect;

import java.util.Map;
import java.util.Set;
import org.imagerl.hub.preprocess.PreprocessConfig;
import org.imagerl.rewards.model.OnnxConfig;
import org.imagerl.spi.Source;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * A detector, and how what it finds is compared with what prompts ask for. Every key but the folder may be absent. A
 * manifest {@code reward.yaml} in the folder has the same keys.
 *
 * @param folder with the model and the names of its classes
 * @param model its file in the folder; if absent {@code model.onnx}, or the only one
 * @param names the file in the folder that names the classes, a line each, or a JSON file with {@code id2label};
 *     {@code classes.txt}, {@code object_names.txt}, {@code config.json} or the metadata of the model if absent
 * @param preprocess how images are made into numbers, where {@code preprocessor_config.json} does not say it; for the
 *     layouts of YOLO as YOLO is given images if absent
 * @param layout how the outputs are laid out; by their names and shapes if absent
 * @param outputs names of outputs where they are not the usual ones: {@code boxes}, {@code scores}, {@code labels}
 * @param boxes what four numbers a box is; as usual in the layout if absent
 * @param units of boxes; as usual in the layout if absent
 * @param measure what the score is; {@code share} if absent
 * @param threshold an object counts if the detector is surer than this, 0 to 1; 0.3 if absent
 * @param countingThreshold the same for prompts whose {@code tag} is {@code counting}; if absent 0.5 for the layouts of
 *     YOLO ({@code yolov5}, {@code yolov8}, {@code rows}), and 0.9 for the others
 * @param maxObjects the surest objects of a class that count; 16 if absent
 * @param maxOverlap of two boxes of a class that overlap by this share or more the less sure one does not count, 0 to
 *     1; 0.7 for the layouts {@code yolov5} and {@code yolov8}, and 1, which keeps all, for the others if absent
 * @param positionThreshold share of the sides of two boxes that their centres must be apart in a direction to lie in
 *     it; 0.1 if absent
 * @param clip folder of the CLIP that names colours, with both towers, as Hugging Face Optimum exports it; prompts that
 *     ask for colours are refused if absent
 * @param device {@code auto}, {@code cpu} or {@code cuda:N}; {@code auto} if absent, which follows the device of the
 *     run
 */
@Source(
        value = "folder",
        manifest = {"reward.yaml", "reward.json"})
record DetectorConfig(
        String folder,
        @Nullable String model,
        @Nullable String names,
        @Nullable PreprocessConfig preprocess,
        @Nullable Layout layout,
        @Nullable Map<String, String> outputs,
        @Nullable Boxes boxes,
        @Nullable Units units,
        @Nullable Measure measure,
        @Nullable Double threshold,
        @Nullable Double countingThreshold,
        @Nullable Integer maxObjects,
        @Nullable Double maxOverlap,
        @Nullable Double positionThreshold,
        @Nullable String clip,
        @Nullable String device) {
    private static final Set<String> OUTPUTS = Set.of("boxes", "scores", "labels");

    /** Four numbers of a box. */
    public enum Boxes {
        /** Left, top, right, bottom. */
        CORNERS,
        /** The centre, across and down, then width and height. */
        CENTRE
    }

    /** What boxes are measured in. */
    public enum Units {
        /** Pixels of the model's input. */
        PIXELS,
        /** Shares of the model's input, 0 to 1. */
        SHARES
    }

    /** What the score is. */
    public enum Measure {
        /** Flow-GRPO's score: the mean of how near counts and colours come, and of the places. */
        SHARE,
        /** Flow-GRPO's strict accuracy: 1 if there are exactly as many as asked for, in their colours and places, else 0. */
        STRICT,
        /** GenEval's accuracy: 1 if there are at least as many, in their colours and places, and nothing that is excluded, else 0. */
        CORRECT
    }

    /** Refuses what cannot be. */
    public DetectorConfig {
        requireShare("threshold", threshold);
        requireShare("counting_threshold", countingThreshold);
        requireShare("max_overlap", maxOverlap);
        requireShare("position_threshold", positionThreshold);
        if (maxObjects != null && (maxObjects < 1 || maxObjects > 10_000)) {
            throw UserException.input("max_objects is " + maxObjects + "; it must be from 1 to 10000");
        }
        if (outputs != null && !OUTPUTS.containsAll(outputs.keySet())) {
            throw UserException.input(
                    "outputs has the keys " + outputs.keySet() + "; it may have boxes, scores, labels");
        }
    }

    private static void requireShare(String key, @Nullable Double value) {
        if (value != null && !(value >= 0 && value <= 1)) {
            throw UserException.input(key + " is " + value + "; it must be from 0 to 1");
        }
    }

    /** The folder is required. */
    @SuppressWarnings("NullAway") // what has no default
    static DetectorConfig defaults() {
        return new DetectorConfig(
                null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** As the folder of a model is described. */
    OnnxConfig asModel() {
        OnnxConfig.Files files = model == null ? null : new OnnxConfig.Files(model, null, null, null);
        return OnnxConfig.bare(folder, files, preprocess, null, null, device);
    }
}
