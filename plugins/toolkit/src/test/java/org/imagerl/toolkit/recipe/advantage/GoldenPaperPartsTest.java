package org.imagerl.toolkit.recipe.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Selection;
import org.imagerl.spi.State;
import org.imagerl.toolkit.recipe.GroupAdvantage;
import org.imagerl.toolkit.recipe.Statistics;
import org.imagerl.toolkit.recipe.StepDivergence;
import org.imagerl.toolkit.recipe.selection.MaxVariance;
import org.imagerl.toolkit.run.KnapsackBudget;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The parts of papers against golden/rl/parts.json, which Python computed from their definitions. */
class GoldenPaperPartsTest {
    private static final double TOLERANCE = 1e-9;
    private static final GroupAdvantage.Config GROUP = new GroupAdvantage.Config(false);

    @TestFactory
    List<DynamicTest> partsEqualTheirDefinitions() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode golden : read("rl/parts.json")) {
            String part = golden.get("part").asString();
            tests.add(DynamicTest.dynamicTest(part + " case " + tests.size(), () -> check(part, golden)));
        }
        return tests;
    }

    private static void check(String part, JsonNode golden) {
        double[] expected = flat(golden.get("answer"));
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        double tolerance = Math.max(1e-15, TOLERANCE * Math.max(largest, 1e-3));
        if (part.equals("divergence")) {
            tolerance = 1e-6; // of float64 kernels and of the rule of integration
        }
        assertThat(actual(part, golden)).containsExactly(expected, within(tolerance));
    }

    private static double[] actual(String part, JsonNode golden) {
        return switch (part) {
            case "bnpo" ->
                new BnpoAdvantage(new BnpoAdvantage.Config(number(golden, "min"), number(golden, "max")))
                        .advantages(prompts(golden), numbers(golden, "rewards"));
            case "copo" ->
                new CopoAdvantage(new CopoAdvantage.Config(
                                number(golden, "gamma"),
                                number(golden, "rho"),
                                number(golden, "bin"),
                                number(golden, "epsilon")))
                        .advantages(prompts(golden), numbers(golden, "rewards"));
            case "riskpo" -> riskpo(golden);
            case "eapo" ->
                joined(new EapoAdvantage(new EapoAdvantage.Config(
                                number(golden, "gamma"), golden.get("shift").asBoolean(), number(golden, "epsilon")))
                        .perStep(
                                prompts(golden),
                                numbers(golden, "rewards"),
                                golden.get("steps").asInt()));
            case "empg" ->
                joined(new EmpgAdvantage(new EmpgAdvantage.Config(
                                number(golden, "k"),
                                number(golden, "bonus_k"),
                                number(golden, "zeta"),
                                StepSignal.SPREAD,
                                GROUP))
                        .modulated(numbers(golden, "advantages"), rows(golden.get("h"))));
            case "rloo" -> new RlooAdvantage().advantages(prompts(golden), numbers(golden, "rewards"));
            case "copg" ->
                new CopgAdvantage(new CopgAdvantage.Config(number(golden, "beta")))
                        .weights(prompts(golden), numbers(golden, "rewards"), rows(golden.get("log_ratios")));
            case "f-dpg" -> fdpg(golden);
            case "orpo" ->
                new OrpoAdvantage(new OrpoAdvantage.Config(
                                OrpoAdvantage.Term.valueOf(constant(golden, "term")), 1, GROUP))
                        .terms(numbers(golden, "log_ratios"));
            case "largest-variance" -> largestVariance(golden);
            case "knapsack" -> knapsack(golden);
            case "divergence" -> divergence(golden);
            default -> throw new AssertionError("no part " + part);
        };
    }

    private static double[] riskpo(JsonNode golden) {
        RiskPoAdvantage riskpo = new RiskPoAdvantage(new RiskPoConfig(
                golden.get("bundle").asInt(),
                number(golden, "low"),
                number(golden, "high"),
                number(golden, "weight"),
                RiskPoConfig.Baseline.valueOf(constant(golden, "baseline")),
                RiskPoConfig.Quantiles.valueOf(constant(golden, "quantiles")),
                RiskPoCredit.valueOf(constant(golden, "credit"))));
        int samples = golden.get("samples").asInt();
        List<double[]> epochs = new ArrayList<>();
        for (double[] rewards : rows(golden.get("epochs"))) {
            List<String> groups = IntStream.range(0, rewards.length)
                    .mapToObj(i -> "prompt " + i / samples)
                    .toList();
            epochs.add(riskpo.advantages(groups, rewards));
        }
        return joined(epochs.toArray(double[][]::new));
    }

    private static double[] fdpg(JsonNode golden) {
        FDpgAdvantage fdpg = new FDpgAdvantage(new FDpgAdvantage.Config(
                FDpgAdvantage.Divergence.valueOf(constant(golden, "divergence")), number(golden, "beta")));
        return joined(golden.get("epochs")
                .valueStream()
                .map(epoch -> fdpg.of(numbers(epoch, "rewards"), numbers(epoch, "log_ratios")))
                .toArray(double[][]::new));
    }

    private static double[] largestVariance(JsonNode golden) {
        double[] values = numbers(golden, "values");
        double share = golden.get("count").asDouble() / values.length;
        int[] chosen = MaxVariance.ofEpoch(new MaxVariance.Config(share, null))
                .select(new Selection.Candidates(Collections.nCopies(values.length, "g"), values, values, 0, 1));
        double std = Statistics.of(
                        Arrays.stream(chosen).mapToDouble(i -> values[i]).toArray())
                .std();
        return new double[] {std * std};
    }

    private static double[] knapsack(JsonNode golden) {
        double[] p = numbers(golden, "pass_rates");
        KnapsackBudget budget = new KnapsackBudget(new KnapsackBudget.Config(
                golden.get("min").asInt(), golden.get("max").asInt(), 0.5));
        Map<String, double[]> known = new TreeMap<>();
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < p.length; i++) {
            known.put("p" + i, new double[] {p[i]});
            prompts.add(Prompt.of("p" + i, ""));
        }
        budget.restore(State.of(known));
        int[] n = budget.samples(prompts, golden.get("total").asInt() / p.length, 0);
        double worth = 0;
        for (int i = 0; i < p.length; i++) {
            worth += (1 - Math.pow(p[i], n[i]) - Math.pow(1 - p[i], n[i])) * p[i] * (1 - p[i]) * (1 - p[i]);
        }
        return new double[] {worth};
    }

    private static double[] divergence(JsonNode golden) {
        StepDivergence divergence = new StepDivergence(new StepDivergence.Config(
                StepDivergence.Divergence.valueOf(constant(golden, "divergence")),
                1,
                null,
                StepDivergence.Elements.MEAN,
                1e-4));
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            return Gradients.off(() -> divergence
                    .divergence(manager.create(new double[] {number(golden, "k")}))
                    .toDoubleArray());
        }
    }

    private static String constant(JsonNode node, String key) {
        return node.get(key).asString().toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private static double number(JsonNode node, String key) {
        return node.get(key).asDouble();
    }

    private static double[] numbers(JsonNode node, String key) {
        return flat(node.get(key));
    }

    private static List<String> prompts(JsonNode node) {
        return node.get("prompts").valueStream().map(JsonNode::asString).toList();
    }

    private static double[][] rows(JsonNode node) {
        return node.valueStream().map(GoldenPaperPartsTest::flat).toArray(double[][]::new);
    }

    private static double[] joined(double[]... rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[] flat(JsonNode node) {
        return node.isArray()
                ? node.valueStream()
                        .flatMapToDouble(each -> Arrays.stream(flat(each)))
                        .toArray()
                : new double[] {node.asDouble()};
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
