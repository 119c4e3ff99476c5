package org.imagerl.scoring;

import java.util.List;
import java.util.Map;

/**
 * What is to be scored.
 *
 * @param items in natural order of their names, or in that of a list
 * @param pairing how they came by their prompts, for the header of the results
 * @param notices lines for people: how images were paired by their order, and what was left out
 */
public record FoundImages(List<ImageItem> items, Map<String, Object> pairing, List<String> notices) {}
