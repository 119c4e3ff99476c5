package org.imagerl.rewards.detect;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.UserException;

/** How the exports of detectors lay out what they found. N counts candidates, C classes; all may have a batch in front. */
enum Layout {
    /** {@code [N, 5 + C]}: centre, size, the certainty of any object, and a factor of it per class. YOLO 5 and 7. */
    YOLOV5(true, false),
    /** {@code [4 + C, N]}: centre, size, and the certainty of each class. YOLO 8, 9, 11, 12. */
    YOLOV8(true, false),
    /** {@code [N, 6]}: left, top, right, bottom, certainty, class; overlaps are removed already. YOLO 10, 26, and exports with {@code nms}. */
    ROWS(false, false),
    /** {@code pred_boxes [N, 4]}, shares of the image, and {@code logits [N, C]} or {@code [N, C + 1]}. DETR and its kin, as Hugging Face has them. */
    DETR(true, true),
    /** {@code boxes [N, 4]}, {@code scores [N]}, {@code labels [N]}; overlaps are removed already. torchvision, RT-DETR by its authors. */
    LISTS(false, false);

    private final boolean centred;
    private final boolean shares;

    Layout(boolean centred, boolean shares) {
        this.centred = centred;
        this.shares = shares;
    }

    /** Whether a box is its centre and size unless it is said. */
    boolean centred() {
        return centred;
    }

    /** Whether boxes are in shares of the model's input unless it is said, else in its pixels. */
    boolean shares() {
        return shares;
    }

    /** Whether one object is found many times over. */
    boolean overlapping() {
        return this == YOLOV5 || this == YOLOV8;
    }

    /**
     * The certainty from which on objects are counted if nobody says another. GenEval's 0.9 is for a Mask2Former. A YOLO is hardly ever as sure: one of version 8
     * was 0.53 to 0.87 sure of faces that fill its images, so that 0.9 would count nothing.
     */
    double countingThreshold() {
        return letterboxed() ? 0.5 : 0.9;
    }

    /** Whether models of it take images as YOLO does, if nobody says another. */
    boolean letterboxed() {
        return this == YOLOV5 || this == YOLOV8 || this == ROWS;
    }

    /**
     * Finds the outputs of a layout, or the layout by the outputs.
     *
     * @param config what is given
     * @param classes number of classes
     * @throws UserException listing the outputs, if they are of no layout, or not of the one that is given
     */
    static Outputs outputs(DetectorConfig config, int classes, List<TensorSpec> outputs) {
        Map<String, String> given = config.outputs() == null ? Map.of() : config.outputs();
        for (Layout layout : config.layout() == null ? List.of(values()) : List.of(config.layout())) {
            Outputs found = layout == DETR || layout == LISTS
                    ? layout.several(given, outputs)
                    : layout.one(given, classes, outputs, config.layout() != null);
            if (!found.boxes().isEmpty()) {
                return found;
            }
        }
        throw UserException.input("the outputs of the model are not "
                + (config.layout() == null
                        ? "as yolov5, yolov8, rows, detr or lists have them for "
                        : "as the layout " + config.layout().name().toLowerCase(Locale.ROOT) + " has them for ")
                + classes + " classes; they are " + TensorSpec.list(outputs)
                + "; say in reward.yaml which layout they have (layout: ..), which they are (outputs: {boxes: ..,"
                + " scores: .., labels: ..}), or name the classes of this model (names: FILE)");
    }

    /**
     * Names of outputs.
     *
     * @param boxes empty if they are not found
     * @param scores empty where {@code boxes} has all
     * @param labels empty where {@code boxes} or {@code scores} has them
     */
    record Outputs(Layout layout, String boxes, String scores, String labels) {}

    private Outputs several(Map<String, String> given, List<TensorSpec> outputs) {
        String boxes = named(given.getOrDefault("boxes", this == DETR ? "pred_boxes" : "boxes"), outputs);
        String scores = named(given.getOrDefault("scores", this == DETR ? "logits" : "scores"), outputs);
        String labels = this == DETR ? "" : named(given.getOrDefault("labels", "labels"), outputs);
        boolean all = !boxes.isEmpty() && !scores.isEmpty() && (this == DETR || !labels.isEmpty());
        return new Outputs(this, all ? boxes : "", scores, labels);
    }

    private static String named(String name, List<TensorSpec> outputs) {
        return outputs.stream().map(TensorSpec::name).anyMatch(name::equals) ? name : "";
    }

    /** @param said whether the layout is given, so that unknown lengths are believed and there may be more columns than needed: those of masks */
    private Outputs one(Map<String, String> given, int classes, List<TensorSpec> outputs, boolean said) {
        String name = given.get("boxes");
        for (TensorSpec tensor : outputs) {
            long columns = tensor.length(this == YOLOV8 ? -2 : -1);
            int needed = this == ROWS ? 6 : classes + (this == YOLOV5 ? 5 : 4);
            boolean fits = said ? columns < 0 || columns >= needed : columns == needed;
            int rank = tensor.shape().size();
            if (fits && (rank == 2 || rank == 3) && (name == null || name.equals(tensor.name()))) {
                return new Outputs(this, tensor.name(), "", "");
            }
        }
        return new Outputs(this, "", "", "");
    }
}
