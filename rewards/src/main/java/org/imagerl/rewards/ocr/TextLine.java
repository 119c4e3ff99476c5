package org.imagerl.rewards.ocr;

/**
 * A line of text that was read.
 *
 * @param text as read, with its spaces and case
 * @param confidence mean probability of its letters, 0 to 1; 0 if there are none
 */
record TextLine(String text, double confidence) {

    /** Whether it is sure enough to count. */
    boolean counts(double dropScore) {
        return confidence > 0 && confidence >= dropScore;
    }
}
