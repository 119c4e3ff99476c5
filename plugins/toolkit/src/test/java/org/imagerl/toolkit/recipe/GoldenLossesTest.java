package org.imagerl.toolkit.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.TrustRegion;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The losses and advantages of golden/rl that belong to the general parts. */
class GoldenLossesTest {

    @TestFactory
    List<DynamicTest> ppoClipEqualsItsDefinition() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode golden : read("rl/losses.json")) {
            if (golden.get("loss").asString().equals("ppo_clip")) {
                String name = "clip " + golden.get("clip_range").asDouble();
                tests.add(DynamicTest.dynamicTest(name + " float64", () -> check(golden, DataType.FLOAT64, 1e-9)));
                tests.add(DynamicTest.dynamicTest(name + " float32", () -> check(golden, DataType.FLOAT32, 1e-5)));
            }
        }
        return tests;
    }

    private static void check(JsonNode golden, DataType type, double tolerance) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray logRatio =
                    array(manager, golden.get("log_prob"), type).sub(array(manager, golden.get("old_log_prob"), type));
            double limit = golden.get("adv_clip").asDouble();
            NDArray advantages = array(manager, golden.get("advantages"), type).clip(-limit, limit);
            RatioClip clip =
                    new RatioClip(new RatioClip.Config(golden.get("clip_range").asDouble(), null));
            double value = clip.surrogate(new TrustRegion.Pass(logRatio, advantages, 1))
                    .loss()
                    .mean()
                    .toType(DataType.FLOAT64, false)
                    .getDouble();
            double expected = golden.get("value").asDouble();
            assertThat(value).isCloseTo(expected, within(tolerance * Math.abs(expected)));
        }
    }

    @TestFactory
    List<DynamicTest> groupAdvantagesEqualFlowGrpos() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode golden : read("rl/advantages.json")) {
            if (golden.get("estimator").asString().equals("flow_grpo")) {
                boolean global = golden.get("global_std").asBoolean();
                tests.add(DynamicTest.dynamicTest("global_std " + global + " case " + tests.size(), () -> {
                    List<String> groups = golden.get("prompts")
                            .valueStream()
                            .map(JsonNode::asString)
                            .toList();
                    checkAdvantage(golden, new GroupAdvantage(new GroupAdvantage.Config(global)), groups);
                }));
            }
        }
        return tests;
    }

    private static void checkAdvantage(JsonNode golden, org.imagerl.spi.Advantage advantage, List<String> groups) {
        double[] actual = advantage.advantages(groups, doubles(golden.get("rewards")));
        assertThat(actual).containsExactly(doubles(golden.get("advantages")), within(1e-9));
    }

    private static NDArray array(NDManager manager, JsonNode node, DataType type) {
        return manager.create(doubles(node)).toType(type, false);
    }

    private static double[] doubles(JsonNode node) {
        return node.valueStream().mapToDouble(JsonNode::asDouble).toArray();
    }

    private static JsonNode read(String file) throws Exception {
        String given = System.getProperty("golden.root", "");
        Path root = given.isEmpty()
                ? Path.of(System.getProperty("project.root"), "src/test/resources/golden")
                : Path.of(given);
        Path path = root.resolve(file);
        Assumptions.assumeTrue(Files.exists(path), path + " is absent: skipped");
        return JsonMapper.shared().readTree(Files.readString(path));
    }
}
