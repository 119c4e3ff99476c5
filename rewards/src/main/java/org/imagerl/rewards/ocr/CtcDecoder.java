package org.imagerl.rewards.ocr;

import java.util.List;
import org.imagerl.rewards.onnx.ModelInput.Tensor;

/**
 * Greedy decoding of connectionist temporal classification: the likeliest class of every step, repeats merged, blanks dropped.
 *
 * <p>Source: Graves, Fernandez, Gomez and Schmidhuber, "Connectionist Temporal Classification", 2006, section 3.2 (best path
 * decoding); confidence as in PaddleOCR's CTCLabelDecode.
 *
 * @param alphabet the character of each class; class 0 is the blank
 */
record CtcDecoder(List<String> alphabet) {
    private static final int BLANK = 0;
    /** Of a sum of 1, so that nothing else is likelier; a little more than half, as float32 rounds the sum. */
    private static final float MOST = 0.51f;

    /**
     * Decodes one line.
     *
     * @param probabilities float32 [lines, steps, classes], each step in [0, 1] with sum 1
     * @param line which
     */
    TextLine decode(Tensor probabilities, int line) {
        int steps = (int) probabilities.shape()[1];
        int classes = (int) probabilities.shape()[2];
        if (classes != alphabet.size()) {
            throw new IllegalStateException(
                    "the network knows " + classes + " classes, the alphabet " + alphabet.size());
        }
        StringBuilder text = new StringBuilder();
        double sum = 0;
        int letters = 0;
        int previous = BLANK;
        for (int step = 0; step < steps; step++) {
            int best = argmax(probabilities.values(), (line * steps + step) * classes, classes);
            if (best != BLANK && best != previous) {
                text.append(alphabet.get(best));
                sum += probabilities.values()[(line * steps + step) * classes + best];
                letters++;
            }
            previous = best;
        }
        return new TextLine(text.toString(), letters == 0 ? 0 : sum / letters);
    }

    /** The first of the largest. There are thousands of classes, and nearly always one of the first is all but certain. */
    private static int argmax(float[] values, int from, int count) {
        int best = 0;
        for (int i = 1; i < count && values[from + best] <= MOST; i++) {
            if (values[from + i] > values[from + best]) {
                best = i;
            }
        }
        return best;
    }
}
