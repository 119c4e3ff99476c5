package org.imagerl.rewards.ocr;

import org.imagerl.images.text.TargetText;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * How text is read and compared.
 *
 * @param models the networks that read
 * @param mode whether lines are looked for, or the whole image is one
 * @param dropScore lines read with less confidence are ignored; 0 to 1, the mean of the probabilities of the letters
 * @param channelOrder the order in which the networks get the colours
 * @param readingOrder how lines found by {@code detect} are put in order
 * @param quotes which marks a prompt may put around its text
 * @param fallback what is looked for if a prompt has no quoted text
 * @param ignoreCase whether capitals equal small letters
 * @param ignoreSpaces whether spaces (U+0020) are left out of both texts
 * @param batchSize lines of the same width that are read at a time, of all images; 1 on the CPU, where more are slower, and 16 on a
 *     GPU if absent
 * @param device {@code auto}, {@code cpu} or {@code cuda:N}; {@code auto} follows the device of the run
 */
public record OcrConfig(
        Models models,
        Mode mode,
        double dropScore,
        ChannelOrder channelOrder,
        ReadingOrder readingOrder,
        TargetText.Quotes quotes,
        TargetText.Fallback fallback,
        boolean ignoreCase,
        boolean ignoreSpaces,
        @Nullable Integer batchSize,
        String device) {

    /** The networks: PaddleOCR's mobile models for Chinese and English, as packed by RapidOCR. */
    public enum Models {
        PP_OCR_V4("ch_PP-OCRv4_det_infer.onnx", "ch_PP-OCRv4_rec_infer.onnx", 1.5, false),
        /**
         * The older generation. Its recogniser loses letters at the ends of lines that are cut a pixel too tight, as they are with
         * PaddleOCR's numbers (four of ten golden words); with RapidOCR's, which are used here, it reads all.
         */
        PP_OCR_V3("ch_PP-OCRv3_det_infer.onnx", "ch_PP-OCRv3_rec_infer.onnx", 1.6, true);

        private final String detector;
        private final String recogniser;
        private final double unclipRatio;
        private final boolean dilated;

        Models(String detector, String recogniser, double unclipRatio, boolean dilated) {
            this.detector = detector;
            this.recogniser = recogniser;
            this.unclipRatio = unclipRatio;
            this.dilated = dilated;
        }

        String detector() {
            return detector;
        }

        public String recogniser() {
            return recogniser;
        }

        BoxFinder boxes() {
            return new BoxFinder(unclipRatio, dilated);
        }
    }

    /** Where the text is. */
    public enum Mode {
        /** Anywhere: lines are detected, then read. */
        DETECT,
        /** The whole image is one line. Several times faster, and useless on anything else. */
        LINE
    }

    /** The order of the colour planes. */
    public enum ChannelOrder {
        /** What the networks were trained with. */
        BGR,
        /** What flow_grpo feeds them; for scores that are comparable with its own. */
        RGB
    }

    /** Fails if a value makes no sense. */
    void check() {
        if (!(dropScore >= 0 && dropScore <= 1)) {
            throw UserException.input("drop_score is " + dropScore + "; it must be from 0 to 1");
        }
        if (batchSize != null && (batchSize < 1 || batchSize > 1024)) {
            throw UserException.input("batch_size is " + batchSize + "; it must be from 1 to 1024");
        }
    }
}
