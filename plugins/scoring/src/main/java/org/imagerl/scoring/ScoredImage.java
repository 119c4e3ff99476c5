package org.imagerl.scoring;

import java.nio.file.Path;

/**
 * An image that was made for a prompt, and how good it is.
 *
 * @param score higher is better
 */
public record ScoredImage(Path file, String prompt, double score) {}
