package org.imagerl.tests.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.diffusion.ddpo.PerPromptAdvantage;
import org.imagerl.testkit.Golden;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The advantages of ddpo-pytorch's tracker over several epochs. */
class GoldenTrackerTest {

    @TestFactory
    List<DynamicTest> advantagesEqualDdpos() throws IOException {
        return Golden.tests("rl", folder -> {
            List<DynamicTest> tests = new ArrayList<>();
            for (JsonNode golden : JsonMapper.shared().readTree(Files.readString(folder.resolve("advantages.json")))) {
                if (golden.get("estimator").asString().startsWith("ddpo")) {
                    tests.add(dynamicTest("case " + tests.size(), () -> check(golden)));
                }
            }
            return tests.isEmpty() ? List.of(Golden.absent(folder + " has no tracker")) : tests;
        });
    }

    /** In every epoch the tracker is saved and taken up again. */
    private static void check(JsonNode golden) {
        PerPromptAdvantage.Config config = new PerPromptAdvantage.Config(
                golden.get("buffer_size").asInt(), golden.get("min_count").asInt());
        PerPromptAdvantage tracker = new PerPromptAdvantage(config);
        for (JsonNode epoch : golden.get("epochs")) {
            List<String> prompts =
                    epoch.get("prompts").valueStream().map(JsonNode::asString).toList();
            double[] actual = tracker.advantages(prompts, doubles(epoch.get("rewards")));
            assertThat(actual).containsExactly(doubles(epoch.get("advantages")), within(1e-9));
            PerPromptAdvantage resumed = new PerPromptAdvantage(config);
            resumed.restore(tracker.state());
            tracker = resumed;
        }
    }

    private static double[] doubles(JsonNode numbers) {
        return numbers.valueStream().mapToDouble(JsonNode::asDouble).toArray();
    }
}
