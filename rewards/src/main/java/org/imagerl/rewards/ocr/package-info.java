/**
 * Text in images as a reward: PP-OCR detection and recognition on ONNX Runtime, compared with the quoted text of the prompt. Top down:
 * {@link org.imagerl.rewards.ocr.OcrFactory}, {@link org.imagerl.rewards.ocr.OcrReward}, {@link org.imagerl.rewards.ocr.TextReader}.
 */
@NullMarked
package org.imagerl.rewards.ocr;

import org.jspecify.annotations.NullMarked;
