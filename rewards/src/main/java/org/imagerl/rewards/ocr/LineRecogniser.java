package org.imagerl.rewards.ocr;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.spi.RgbImage;

/**
 * PP-OCR's text recogniser: lines in, their texts out. Only lines that are resized to the same width are batched, so that a line's
 * padding, hence its score, does not depend on the others (but for the last bits).
 *
 * <p>Source: PaddleOCR 2.9, tools/infer/predict_rec.py, resize_norm_img.
 */
final class LineRecogniser implements AutoCloseable {
    private static final int HEIGHT = 48;
    /** A line 80 times as long as high; what is longer is squeezed. */
    private static final int MAX_WIDTH = 80 * HEIGHT;

    /** What PaddleOCR pads shorter lines to. */
    private static final int PADDLE_MIN_WIDTH = 320;
    /**
     * What short lines are padded to where speed counts more than parity: 64 x 32 pixel images take a third of the time, and 400
     * words with and without noise were read as well (100 % and 98 % right, padded to 320: 100 % and 99.5 %).
     */
    private static final int MIN_WIDTH = 48;

    private static final float[] HALF = {0.5f, 0.5f, 0.5f};

    private final OnnxSession session;
    private final ChwConverter planes;
    private final CtcDecoder decoder;
    private final int minWidth;

    private LineRecogniser(OnnxSession session, ChwConverter planes, CtcDecoder decoder, int minWidth) {
        this.session = session;
        this.planes = planes;
        this.decoder = decoder;
        this.minWidth = minWidth;
    }

    static LineRecogniser load(OcrConfig config, OnnxDevice device) {
        List<String> alphabet = Resources.alphabet();
        String file = config.models().recogniser();
        return new LineRecogniser(
                OnnxSession.load(file, Resources.read(file), device, 1),
                new ChwConverter(config.channelOrder(), HALF, HALF),
                new CtcDecoder(alphabet),
                config.mode() == OcrConfig.Mode.LINE ? MIN_WIDTH : PADDLE_MIN_WIDTH);
    }

    /** The width that a line gets. Lines of one width can be read together. */
    static int width(RgbImage line) {
        return (int) Math.min(MAX_WIDTH, Math.ceil((double) HEIGHT * line.width() / line.height()));
    }

    /** Reads images of one line each, all of one {@link #width}; at least one. */
    List<TextLine> read(List<RgbImage> lines) throws OrtException {
        int width = width(lines.get(0));
        int padded = Math.max(width, minWidth);
        Tensor probabilities = session.run(
                lines.size() == 1 ? planes.of(lines.get(0), width, HEIGHT, padded) : together(lines, width, padded));
        List<TextLine> texts = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            texts.add(decoder.decode(probabilities, i));
        }
        return texts;
    }

    private Tensor together(List<RgbImage> lines, int width, int padded) {
        int one = 3 * HEIGHT * padded;
        float[] values = new float[lines.size() * one];
        for (int i = 0; i < lines.size(); i++) {
            System.arraycopy(planes.of(lines.get(i), width, HEIGHT, padded).values(), 0, values, i * one, one);
        }
        return new Tensor(values, new long[] {lines.size(), 3, HEIGHT, padded});
    }

    @Override
    public void close() {
        session.close();
    }
}
