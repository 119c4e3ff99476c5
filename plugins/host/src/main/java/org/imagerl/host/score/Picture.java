package org.imagerl.host.score;

import java.nio.file.Path;
import org.imagerl.spi.Prompt;

/**
 * A picture to score.
 *
 * @param name as it is listed in results
 * @param file where it is
 * @param prompt what it was made for; its id is its text, so that pictures of one prompt are a group
 */
public record Picture(String name, Path file, Prompt prompt) {}
