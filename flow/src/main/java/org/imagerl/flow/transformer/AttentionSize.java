package org.imagerl.flow.transformer;

/**
 * The geometry of an attention.
 *
 * @param width E, of the sequence
 * @param heads a divisor of the width
 * @param normalised whether queries and keys are normalised, head by head
 */
public record AttentionSize(int width, int heads, boolean normalised) {}
