package org.imagerl.scoring.serve;

import java.util.List;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.WeightedRewards;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes answers as JSON. */
final class Answers {
    private static final JsonMapper JSON = JsonMapper.shared();

    private Answers() {}

    static Body json(JsonNode answer) {
        return new Body("application/json", JSON.writeValueAsBytes(answer));
    }

    static Body error(String reason) {
        return json(JSON.createObjectNode().put("error", reason));
    }

    static Body health(WeightedRewards rewards) {
        ObjectNode answer = JSON.createObjectNode().put("status", "ok");
        ArrayNode names = answer.putArray("rewards");
        rewards.names().forEach(names::add);
        return json(answer);
    }

    /** The sums, or the scores of the only reward; the reasons of those that are missing; and the scores of each reward. */
    static ObjectNode scores(RewardTable table) {
        ObjectNode answer = JSON.createObjectNode();
        double[] totals = totals(table);
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

    /** The sums, or the scores of the only reward; not a number where there is none. */
    static double[] totals(RewardTable table) {
        return table.columns().size() == 1 ? table.columns().get(0).values() : table.totals();
    }

    /** Why an image has no score; empty if it has one. */
    static String reasons(RewardTable table, int row) {
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
