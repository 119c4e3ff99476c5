package org.imagerl.spi.data;

/**
 * An image on disk that is trained on.
 *
 * @param file its absolute path; a source that has the example reads it
 * @param advantage as of a sample of a rollout: 1 for a demonstration and for the chosen image of a pair, -1 for the rejected one
 */
public record StoredImage(String file, double advantage) {}
