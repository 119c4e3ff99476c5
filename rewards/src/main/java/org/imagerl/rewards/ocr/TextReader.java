package org.imagerl.rewards.ocr;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.work.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lines of images: finds them first, or takes each image for one. A small image in which no line is found that can be read is
 * taken for one line too, as the detector misses or cuts letters that fill an image of a few dozen pixels. Lines of one width are read together, of whatever images
 * they are. Thread-safe.
 */
final class TextReader implements AutoCloseable {
    /** In pixels, of images that may be one line that was not found. */
    private static final int MAX_LINE_HEIGHT = 96;

    private static final int MAX_LINE_WIDTH = 512;

    private final @Nullable LineDetector detector;
    private final LineRecogniser recogniser;
    private final ReadingOrder order;
    private final double dropScore;
    private final int batch;

    private TextReader(@Nullable LineDetector detector, LineRecogniser recogniser, OcrConfig config, int batch) {
        this.detector = detector;
        this.recogniser = recogniser;
        this.order = config.readingOrder();
        this.dropScore = config.dropScore();
        this.batch = batch;
    }

    /**
     * What was read in an image.
     *
     * @param lines in reading order, whatever their confidence
     * @param whole whether no line was found that counts, and the image was taken for one
     * @param error why it could not be read; empty if it was
     */
    record Reading(List<TextLine> lines, boolean whole, String error) {}

    /** The lines of an image before they are read, or why there are none. */
    private record Found(List<RgbImage> lines, String error) {}

    /** Line {@code place} of an image. */
    private record Cut(int image, int place, RgbImage line) {}

    /** What was read in lines, or why nothing. */
    private record Texts(List<TextLine> lines, String error) {}

    /**
     * Loads the networks that the configuration needs.
     *
     * @param batch lines that are read together, at most
     */
    static TextReader load(OcrConfig config, OnnxDevice device, int batch) {
        LineRecogniser recogniser = LineRecogniser.load(config, device);
        if (config.mode() == OcrConfig.Mode.LINE) {
            return new TextReader(null, recogniser, config, batch);
        }
        try {
            return new TextReader(LineDetector.load(config, device), recogniser, config, batch);
        } catch (RuntimeException e) {
            recogniser.close();
            throw e;
        }
    }

    /** Reads images, in their order. */
    List<Reading> read(List<RgbImage> images, Workers workers) {
        List<Reading> readings =
                new ArrayList<>(readings(workers.map(images.size(), i -> find(images.get(i))), workers));
        List<Integer> again = IntStream.range(0, images.size())
                .filter(i -> detector != null && isSmall(images.get(i)) && isUnread(readings.get(i)))
                .boxed()
                .toList();
        List<Reading> wholes = readings(
                again.stream().map(i -> new Found(List.of(images.get(i)), "")).toList(), workers);
        for (int i = 0; i < wholes.size(); i++) {
            if (wholes.get(i).lines.stream().anyMatch(line -> line.counts(dropScore))) {
                readings.set(again.get(i), new Reading(wholes.get(i).lines, true, ""));
            }
        }
        return readings;
    }

    private boolean isUnread(Reading reading) {
        return reading.error.isEmpty() && reading.lines.stream().noneMatch(line -> line.counts(dropScore));
    }

    private List<Reading> readings(List<Found> found, Workers workers) {
        List<List<Cut>> batches = batches(found);
        List<Texts> texts = workers.map(batches.size(), i -> read(batches.get(i)));
        List<TextLine[]> lines = new ArrayList<>();
        String[] errors = new String[found.size()];
        for (int i = 0; i < errors.length; i++) {
            lines.add(new TextLine[found.get(i).lines.size()]);
            errors[i] = found.get(i).error;
        }
        for (int i = 0; i < batches.size(); i++) {
            for (int j = 0; j < batches.get(i).size(); j++) {
                Cut cut = batches.get(i).get(j);
                if (texts.get(i).error.isEmpty()) {
                    lines.get(cut.image)[cut.place] = texts.get(i).lines.get(j);
                } else {
                    errors[cut.image] = texts.get(i).error;
                }
            }
        }
        List<Reading> readings = new ArrayList<>();
        for (int i = 0; i < errors.length; i++) {
            readings.add(new Reading(errors[i].isEmpty() ? List.of(lines.get(i)) : List.of(), false, errors[i]));
        }
        return readings;
    }

    /**
     * Whether an image is as low as a line and not much longer: in a larger image a line is found, or there is none.
     */
    private static boolean isSmall(RgbImage image) {
        return image.height() <= MAX_LINE_HEIGHT && image.width() <= MAX_LINE_WIDTH;
    }

    private Found find(RgbImage image) {
        if (detector == null) {
            return new Found(List.of(image), "");
        }
        try {
            List<RgbImage> lines = new ArrayList<>();
            for (Quad box : order.sort(detector.detect(image))) {
                lines.add(Crop.of(image, box));
            }
            return new Found(lines, "");
        } catch (OrtException e) {
            return new Found(List.of(), "ONNX Runtime failed: " + e.getMessage());
        }
    }

    /** All lines, those of one width together, at most as many as are read at a time. */
    private List<List<Cut>> batches(List<Found> found) {
        Map<Integer, List<Cut>> byWidth = new TreeMap<>();
        for (int i = 0; i < found.size(); i++) {
            List<RgbImage> lines = found.get(i).lines;
            for (int j = 0; j < lines.size(); j++) {
                byWidth.computeIfAbsent(LineRecogniser.width(lines.get(j)), width -> new ArrayList<>())
                        .add(new Cut(i, j, lines.get(j)));
            }
        }
        List<List<Cut>> batches = new ArrayList<>();
        for (List<Cut> same : byWidth.values()) {
            for (int from = 0; from < same.size(); from += batch) {
                batches.add(same.subList(from, Math.min(same.size(), from + batch)));
            }
        }
        return batches;
    }

    private Texts read(List<Cut> cuts) {
        try {
            return new Texts(recogniser.read(cuts.stream().map(Cut::line).toList()), "");
        } catch (OrtException e) {
            return new Texts(List.of(), "ONNX Runtime failed: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        recogniser.close();
        if (detector != null) {
            detector.close();
        }
    }
}
