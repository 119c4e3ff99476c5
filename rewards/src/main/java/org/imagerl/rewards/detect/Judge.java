package org.imagerl.rewards.detect;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.rewards.detect.Task.Wanted;
import org.jspecify.annotations.Nullable;

/**
 * The rules of GenEval, and those of Flow-GRPO's reward server, which counts exactly and gives parts of a point.
 *
 * <p>Source: {@code evaluate} of GenEval's evaluate_images.py (arXiv 2310.11513) and {@code evaluate_reward} of
 * yifan123/reward-server, gen_eval.py (Flow-GRPO, arXiv 2505.05470). Both are followed to the letter, so that scores
 * can be compared: a wrong place adds 0 <em>and</em> 1 to the mean of {@code share}, which is therefore one half for
 * the place; objects that are excluded do not matter for {@code strict} and {@code share}; and too many objects of a
 * class make its term negative.
 *
 * @param slack share of the sides of two boxes that their centres must be apart: GenEval's position_threshold
 */
record Judge(double slack) {

    /** Names the colours of objects. */
    interface Colours {
        /** @return a colour per object */
        List<String> of(String className, List<Found> objects) throws OrtException;
    }

    /**
     * Judges an image.
     *
     * @param objects by class, the surest first
     */
    Verdict verdict(Task task, Map<String, List<Found>> objects, Colours colours) throws OrtException {
        Set<String> reasons = new LinkedHashSet<>();
        boolean correct = correct(task, objects, colours, reasons);
        List<Double> points = new ArrayList<>();
        boolean strict = strict(task, objects, colours, points, reasons);
        double share = points.stream().mapToDouble(Double::doubleValue).sum() / points.size();
        return new Verdict(correct, strict, share, List.copyOf(reasons));
    }

    private boolean correct(Task task, Map<String, List<Found>> objects, Colours colours, Set<String> reasons)
            throws OrtException {
        List<@Nullable List<Found>> matched = new ArrayList<>();
        boolean correct = true;
        for (Wanted wanted : task.include()) {
            List<Found> all = objects.getOrDefault(wanted.name(), List.of());
            List<Found> found = all.subList(0, Math.min(wanted.count(), all.size()));
            boolean right = found.size() == wanted.count();
            if (!right) {
                reasons.add("at least " + wanted.count() + " " + wanted.name() + " wanted, " + found.size() + " found");
            } else {
                right = right(wanted, found, colours, new ArrayList<>(), reasons)
                        && placed(wanted, found, matched, new ArrayList<>(), reasons);
            }
            matched.add(right ? found : null);
            correct &= right;
        }
        for (Wanted unwanted : task.exclude()) {
            int found = objects.getOrDefault(unwanted.name(), List.of()).size();
            if (found >= unwanted.count()) {
                correct = false;
                reasons.add("fewer than " + unwanted.count() + " " + unwanted.name() + " wanted, " + found + " found");
            }
        }
        return correct;
    }

    private boolean strict(
            Task task, Map<String, List<Found>> objects, Colours colours, List<Double> points, Set<String> reasons)
            throws OrtException {
        List<@Nullable List<Found>> matched = new ArrayList<>();
        boolean strict = true;
        for (Wanted wanted : task.include()) {
            List<Found> found = objects.getOrDefault(wanted.name(), List.of());
            points.add(nearness(wanted.count(), found.size()));
            boolean right = found.size() == wanted.count();
            if (!right) {
                reasons.add(wanted.count() + " " + wanted.name() + " wanted, " + found.size() + " found");
                if (wanted.colour() != null || wanted.position() != null) {
                    points.add(0.0);
                }
            } else {
                right = right(wanted, found, colours, points, reasons)
                        && placed(wanted, found, matched, points, reasons);
            }
            matched.add(right ? found : null);
            strict &= right;
        }
        return strict;
    }

    private static double nearness(int wanted, int found) {
        return 1 - Math.abs(wanted - found) / (double) wanted;
    }

    private static boolean right(
            Wanted wanted, List<Found> found, Colours colours, List<Double> points, Set<String> reasons)
            throws OrtException {
        if (wanted.colour() == null) {
            return true;
        }
        List<String> seen = colours.of(wanted.name(), found);
        int right = (int) seen.stream().filter(wanted.colour()::equals).count();
        points.add(nearness(wanted.count(), right));
        if (right != wanted.count()) {
            reasons.add(wanted.count() + " " + wanted.colour() + " " + wanted.name() + " wanted, these colours found: "
                    + String.join(", ", seen));
        }
        return right == wanted.count();
    }

    private boolean placed(
            Wanted wanted,
            List<Found> found,
            List<@Nullable List<Found>> matched,
            List<Double> points,
            Set<String> reasons) {
        if (wanted.position() == null) {
            return true;
        }
        List<Found> targets = matched.get(wanted.target());
        if (targets == null) {
            points.add(0.0);
            reasons.add("nothing right is there that " + wanted.name() + " could be " + wanted.position());
            return false;
        }
        boolean right = found.stream()
                .allMatch(object -> targets.stream()
                        .allMatch(target ->
                                object.box().relations(target.box(), slack).contains(wanted.position())));
        if (!right) {
            points.add(0.0);
            reasons.add(wanted.name() + " is not " + wanted.position() + " what it should be");
        }
        points.add(1.0); // whether it is right or not: so the published code does it
        return right;
    }
}
