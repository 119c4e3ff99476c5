package org.imagerl.scoring.serve;

import java.util.List;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.WeightedRewards;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is answered, as JSON. */
final class Answers {
    private static final JsonMapper JSON = JsonMapper.shared();

    private Answers() {}

    static ObjectNode health(WeightedRewards rewards) {
        ObjectNode answer = JSON.createObjectNode().put("status", "ok");
        ArrayNode names = answer.putArray("rewards");
        rewards.names().forEach(names::add);
        return answer;
    }

    /** The sums, or the scores of the only reward; the reasons of those that are missing; and the scores of each reward. */
    static ObjectNode scores(RewardTable table) {
        ObjectNode answer = JSON.createObjectNode();
        double[] totals = table.columns().size() == 1 ? table.columns().get(0).values() : table.totals();
        ArrayNode sums = answer.putArray("rewards");
        ArrayNode errors = answer.putArray("errors");
        for (int i = 0; i < totals.length; i++) {
            put(sums, totals[i]);
            String reasons = reasons(table, i);
            if (reasons.isEmpty()) {
                errors.addNull();
            } else {
                errors.add(reasons);
            }
        }
        ObjectNode byReward = answer.putObject("by_reward");
        for (RewardTable.Column column : table.columns()) {
            ArrayNode values = byReward.putArray(column.name());
            for (double value : column.values()) {
                put(values, value);
            }
        }
        return answer;
    }

    private static String reasons(RewardTable table, int row) {
        List<String> reasons = table.columns().stream()
                .filter(column -> !column.scores().get(row).ok())
                .map(column -> column.name() + ": " + column.scores().get(row).error())
                .toList();
        return String.join("; ", reasons);
    }

    private static void put(ArrayNode array, double value) {
        if (Double.isNaN(value)) {
            array.addNull();
        } else {
            array.add(value);
        }
    }
}
