package org.imagerl.scoring.serve;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Score;

/**
 * The lists that flow_grpo's client of GenEval reads beside the scores, made from the details that the reward
 * {@code detector} gives with each: {@code rewards} (GenEval's accuracy), {@code strict_rewards}, and both once more
 * for each kind of task, with -10 for images of other kinds.
 *
 * <p>Source: {@code compute_geneval} of yifan123/reward-server, gen_eval.py. There {@code rewards} are 0 where the
 * client asks with {@code only_strict}, to save time; here they are always computed.
 */
final class GenEvalLists {
    private static final List<String> KINDS =
            List.of("single_object", "two_object", "counting", "colors", "position", "color_attr");
    private static final double OTHER = -10;

    private GenEvalLists() {}

    /** The lists by their names; none if these scores are of another reward. */
    static Map<String, Object> of(List<Score> scores) {
        Map<String, Object> lists = new LinkedHashMap<>();
        boolean judged = scores.stream()
                .allMatch(score -> score.details().containsKey("correct")
                        && score.details().containsKey("strict"));
        if (judged) {
            put(lists, "rewards", "group_rewards", "correct", scores);
            put(lists, "strict_rewards", "group_strict_rewards", "strict", scores);
        }
        return lists;
    }

    private static void put(Map<String, Object> lists, String all, String byKind, String detail, List<Score> scores) {
        List<Double> values = new ArrayList<>();
        Map<String, List<Double>> kinds = new LinkedHashMap<>();
        KINDS.forEach(kind -> kinds.put(kind, new ArrayList<>()));
        for (Score score : scores) {
            double value = Double.parseDouble(score.details().getOrDefault(detail, "0"));
            values.add(value);
            kinds.forEach((kind, list) -> list.add(kind.equals(score.details().get("tag")) ? value : OTHER));
        }
        lists.put(all, values);
        lists.put(byKind, kinds);
    }
}
