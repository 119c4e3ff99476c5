package org.imagerl.rewards.detect;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which of the objects that a detector found count.
 *
 * <p>Source: {@code evaluate_image} of GenEval's evaluate_images.py, with its numbers for the defaults, but for the
 * threshold of counting with a YOLO. Here overlaps are removed before {@code maxObjects} are taken, and there after it,
 * because a YOLO without that step finds one object more than 16 times.
 *
 * @param threshold certainty that must be exceeded
 * @param countingThreshold the same where objects are counted
 * @param maxObjects of a class
 * @param maxOverlap from which on the less sure of two boxes of a class is dropped; 1 drops none
 */
record Rules(double threshold, double countingThreshold, int maxObjects, double maxOverlap) {

    /** With the numbers of a configuration. */
    static Rules of(DetectorConfig config, Layout layout) {
        Double overlap = config.maxOverlap();
        return new Rules(
                config.threshold() == null ? 0.3 : config.threshold(),
                config.countingThreshold() == null ? layout.countingThreshold() : config.countingThreshold(),
                config.maxObjects() == null ? 16 : config.maxObjects(),
                overlap == null ? layout.overlapping() ? 0.7 : 1 : overlap);
    }

    /** The threshold for a task. */
    double threshold(Task task) {
        return task.counts() ? countingThreshold : threshold;
    }

    /** The objects of a class that count, the surest first. */
    List<Found> of(int label, List<Found> all) {
        List<Found> kept = new ArrayList<>();
        all.stream()
                .filter(found -> found.label() == label)
                .sorted(Comparator.comparingDouble(Found::score).reversed())
                .filter(found -> maxOverlap == 1
                        || kept.stream().allMatch(surer -> surer.box().overlap(found.box()) < maxOverlap))
                .forEachOrdered(kept::add);
        return List.copyOf(kept.subList(0, Math.min(maxObjects, kept.size())));
    }
}
