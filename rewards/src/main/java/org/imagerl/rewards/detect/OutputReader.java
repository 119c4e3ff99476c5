package org.imagerl.rewards.detect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.imagerl.rewards.model.VisionModel;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;

/**
 * Reads what a detector found out of its outputs, in pixels of the image. A candidate is of the class that it is surest of, and of no other.
 *
 * @param outputs where it stands
 * @param classes how many there are
 * @param centred whether a box is its centre and size, else its corners
 * @param shares whether it is in shares of the model's input, else in pixels of it
 */
record OutputReader(Layout.Outputs outputs, int classes, boolean centred, boolean shares) {

    /** Numbers of a candidate, the same for all. */
    private record Table(Tensor tensor, int rows, int columns, boolean turned) {
        float at(int row, int column) {
            return tensor.values()[turned ? column * rows + row : row * columns + column];
        }
    }

    /**
     * All that is surer than a threshold, in the order of the model.
     *
     * @throws UserException if the outputs are not as the layout has them, or hold what is no number
     */
    List<Found> read(VisionModel.Run run, RgbImage image, double threshold) {
        return switch (outputs.layout()) {
            case YOLOV5, YOLOV8 -> dense(run, image, threshold);
            case ROWS -> rows(run, image, threshold);
            case DETR -> queries(run, image, threshold);
            case LISTS -> lists(run, image, threshold);
        };
    }

    private List<Found> dense(VisionModel.Run run, RgbImage image, double threshold) {
        boolean objects = outputs.layout() == Layout.YOLOV5;
        int first = objects ? 5 : 4;
        Table table = table(run, outputs.boxes(), first + classes, outputs.layout() == Layout.YOLOV8);
        List<Found> found = new ArrayList<>();
        for (int row = 0; row < table.rows; row++) {
            int best = 0;
            for (int label = 0; label < classes; label++) {
                requireNumber(table.at(row, first + label), outputs.boxes());
                best = table.at(row, first + label) > table.at(row, first + best) ? label : best;
            }
            double score = table.at(row, first + best) * (objects ? table.at(row, 4) : 1.0);
            add(found, best, score, table, row, run, image, threshold);
        }
        return found;
    }

    private List<Found> rows(VisionModel.Run run, RgbImage image, double threshold) {
        Table table = table(run, outputs.boxes(), 6, false);
        List<Found> found = new ArrayList<>();
        for (int row = 0; row < table.rows; row++) {
            add(found, label(table.at(row, 5)), table.at(row, 4), table, row, run, image, threshold);
        }
        return found;
    }

    /** With one logit more than classes, the last is that of no object and all are a softmax; with as many, each is a sigmoid. */
    private List<Found> queries(VisionModel.Run run, RgbImage image, double threshold) {
        Table boxes = table(run, outputs.boxes(), 4, false);
        Table logits = table(run, outputs.scores(), 1, false);
        requireSame(boxes.rows, logits.rows);
        boolean softmax = logits.columns == classes + 1;
        if (!softmax && logits.columns != classes) {
            throw UserException.input("output " + TensorSpec.shown(outputs.scores()) + " has " + logits.columns
                    + " logits per candidate; there are " + classes
                    + " names of classes, and there must be as many logits or one more; correct the names");
        }
        List<Found> found = new ArrayList<>();
        for (int row = 0; row < boxes.rows; row++) {
            double[] own = new double[logits.columns];
            for (int label = 0; label < own.length; label++) {
                own[label] = requireNumber(logits.at(row, label), outputs.scores());
            }
            int best = 0;
            for (int label = 1; label < classes; label++) {
                best = own[label] > own[best] ? label : best;
            }
            double most = Arrays.stream(own).max().orElse(0);
            double score = softmax
                    ? Math.exp(own[best] - most)
                            / Arrays.stream(own).map(x -> Math.exp(x - most)).sum()
                    : 1 / (1 + Math.exp(-own[best]));
            add(found, best, score, boxes, row, run, image, threshold);
        }
        return found;
    }

    private List<Found> lists(VisionModel.Run run, RgbImage image, double threshold) {
        Table boxes = table(run, outputs.boxes(), 4, false);
        float[] scores = run.tensor(outputs.scores()).values();
        float[] labels = run.tensor(outputs.labels()).values();
        requireSame(boxes.rows, Math.min(scores.length, labels.length));
        List<Found> found = new ArrayList<>();
        for (int row = 0; row < boxes.rows; row++) {
            add(found, label(labels[row]), scores[row], boxes, row, run, image, threshold);
        }
        return found;
    }

    private int label(float label) {
        if (!(label >= 0 && label < classes)) {
            throw UserException.input("the model found an object of class " + label + ", but there are " + classes
                    + " names of classes, from 0; correct the names");
        }
        return (int) label;
    }

    private static void requireSame(int boxes, int scores) {
        if (scores < boxes) {
            throw UserException.input("the model gave " + boxes + " boxes and " + scores + " scores or labels of them");
        }
    }

    /** The candidates of the first image of a run. */
    private Table table(VisionModel.Run run, String name, int leastColumns, boolean turned) {
        Tensor tensor = run.tensor(name);
        long[] shape = tensor.shape();
        if (shape.length < 2) {
            throw wrong(name, shape);
        }
        int rows = Math.toIntExact(shape[shape.length - (turned ? 1 : 2)]);
        int columns = Math.toIntExact(shape[shape.length - (turned ? 2 : 1)]);
        if (columns < leastColumns || (long) rows * columns > tensor.values().length) {
            throw wrong(name, shape);
        }
        return new Table(tensor, rows, columns, turned);
    }

    private UserException wrong(String name, long[] shape) {
        return UserException.input("output " + TensorSpec.shown(name) + " has the shape " + Arrays.toString(shape)
                + ", which is not that of its layout for " + classes + " classes");
    }

    private static double requireNumber(double value, String name) {
        if (Double.isNaN(value)) {
            throw UserException.input("output " + TensorSpec.shown(name) + " holds what is no number");
        }
        return value;
    }

    private void add(
            List<Found> found,
            int label,
            double score,
            Table boxes,
            int row,
            VisionModel.Run run,
            RgbImage image,
            double threshold) {
        if (requireNumber(score, outputs.boxes()) <= threshold) {
            return;
        }
        double[] edges = new double[4];
        for (int i = 0; i < 4; i++) {
            edges[i] = boxes.at(row, i);
            if (!Double.isFinite(edges[i])) {
                throw UserException.input("output " + TensorSpec.shown(outputs.boxes())
                        + " holds a box with what is no finite number (" + edges[i] + ")");
            }
        }
        if (centred) {
            for (int i = 0; i < 2; i++) {
                double half = edges[i + 2] / 2;
                edges[i + 2] = edges[i] + half;
                edges[i] -= half;
            }
        }
        double width = shares ? run.across().length() : 1;
        double height = shares ? run.down().length() : 1;
        Box box = new Box(
                x(edges[0] * width, run, image),
                y(edges[1] * height, run, image),
                x(edges[2] * width, run, image),
                y(edges[3] * height, run, image));
        found.add(new Found(label, score, box.within(image.width(), image.height())));
    }

    private static double x(double inInput, VisionModel.Run run, RgbImage image) {
        return (inInput + run.across().first()) * image.width() / run.across().resized();
    }

    private static double y(double inInput, VisionModel.Run run, RgbImage image) {
        return (inInput + run.down().first()) * image.height() / run.down().resized();
    }
}
