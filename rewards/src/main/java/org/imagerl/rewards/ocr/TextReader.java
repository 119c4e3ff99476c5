package org.imagerl.rewards.ocr;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.spi.RgbImage;
import org.jspecify.annotations.Nullable;

/** Reads the lines of a picture: finds them first, or takes the whole picture for one. Thread-safe. */
final class TextReader implements AutoCloseable {
    private final @Nullable LineDetector detector;
    private final LineRecogniser recogniser;
    private final ReadingOrder order;

    private TextReader(@Nullable LineDetector detector, LineRecogniser recogniser, ReadingOrder order) {
        this.detector = detector;
        this.recogniser = recogniser;
        this.order = order;
    }

    /** Loads the networks that the configuration needs. */
    static TextReader load(OcrConfig config, OnnxDevice device) {
        LineRecogniser recogniser = LineRecogniser.load(config, device);
        if (config.mode() == OcrConfig.Mode.LINE) {
            return new TextReader(null, recogniser, config.readingOrder());
        }
        try {
            return new TextReader(LineDetector.load(config, device), recogniser, config.readingOrder());
        } catch (RuntimeException e) {
            recogniser.close();
            throw e;
        }
    }

    /** The lines in reading order, whatever their confidence. */
    List<TextLine> read(RgbImage image) throws OrtException {
        if (detector == null) {
            return List.of(recogniser.read(image));
        }
        List<TextLine> lines = new ArrayList<>();
        for (Quad box : order.sort(detector.detect(image))) {
            lines.add(recogniser.read(Crop.of(image, box)));
        }
        return lines;
    }

    @Override
    public void close() {
        recogniser.close();
        if (detector != null) {
            detector.close();
        }
    }
}
