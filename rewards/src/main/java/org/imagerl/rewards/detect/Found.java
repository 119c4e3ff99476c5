package org.imagerl.rewards.detect;

/**
 * An object that a detector found.
 *
 * @param label index of its class
 * @param score how sure the detector is, usually 0 to 1
 */
record Found(int label, double score, Box box) {}
