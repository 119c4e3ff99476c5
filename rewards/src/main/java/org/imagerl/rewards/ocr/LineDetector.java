package org.imagerl.rewards.ocr;

import ai.onnxruntime.OrtException;
import java.util.List;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.spi.RgbImage;

/**
 * PP-OCR's text detector: an image in, a box per line of text out.
 *
 * <p>Source: PaddleOCR 2.9, tools/infer/predict_det.py with det_limit_type max, and DetResizeForTest.
 */
final class LineDetector implements AutoCloseable {
    /** Images with a longer side are shrunk to it. */
    private static final int MAX_SIDE = 960;
    /** The network halves the image five times. */
    private static final int MULTIPLE = 32;

    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] STD = {0.229f, 0.224f, 0.225f};

    private final OnnxSession session;
    private final ChwConverter planes;
    private final BoxFinder boxes;

    private LineDetector(OnnxSession session, ChwConverter planes, BoxFinder boxes) {
        this.session = session;
        this.planes = planes;
        this.boxes = boxes;
    }

    static LineDetector load(OcrConfig config, OnnxDevice device) {
        String file = config.models().detector();
        return new LineDetector(
                OnnxSession.load(file, Resources.read(file), device, 1),
                new ChwConverter(config.channelOrder(), MEAN, STD),
                config.models().boxes());
    }

    /** The boxes of the lines, unordered. */
    List<Quad> detect(RgbImage image) throws OrtException {
        double scale = Math.min(1.0, (double) MAX_SIDE / Math.max(image.width(), image.height()));
        int width = side(image.width(), scale);
        int height = side(image.height(), scale);
        Tensor probabilities = session.run(planes.of(image, width, height, width)); // [1, 1, height, width]
        return boxes.find(new ProbabilityMap(width, height, probabilities.values()), image.width(), image.height());
    }

    private static int side(int pixels, double scale) {
        int scaled = (int) (pixels * scale);
        return Math.max(MULTIPLE, (int) Math.rint((double) scaled / MULTIPLE) * MULTIPLE);
    }

    @Override
    public void close() {
        session.close();
    }
}
