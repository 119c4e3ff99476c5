package org.imagerl.scoring.serve;

/**
 * The body of an answer.
 *
 * @param type its media type
 */
record Body(String type, byte[] bytes) {}
