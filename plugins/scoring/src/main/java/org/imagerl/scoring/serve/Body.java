package org.imagerl.scoring.serve;

/**
 * What is answered.
 *
 * @param type its media type
 */
record Body(String type, byte[] bytes) {}
