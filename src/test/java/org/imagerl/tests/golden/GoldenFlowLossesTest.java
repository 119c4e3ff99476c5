package org.imagerl.tests.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.imagerl.flow.awm.Weighting;
import org.imagerl.flow.guard.NormalisedRatio;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.testkit.Golden;
import org.imagerl.toolkit.recipe.ImportanceRatio;
import org.imagerl.toolkit.recipe.RatioClip;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.recipe.trust.DivergenceMask;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The losses of GRPO-Guard, Flow-DPPO and Advantage Weighted Matching, in the dtype of training and in double. */
class GoldenFlowLossesTest {

    @TestFactory
    List<DynamicTest> lossesEqualTheirDefinition() throws IOException {
        return Golden.tests("rl", folder -> {
            List<DynamicTest> tests = new ArrayList<>();
            for (JsonNode golden : JsonMapper.shared().readTree(Files.readString(folder.resolve("losses.json")))) {
                String loss = golden.get("loss").asString();
                if (loss.equals("ppo_clip")) {
                    continue; // a general part, checked beside it
                }
                String name = tests.size() + " " + loss;
                tests.add(dynamicTest(name + " float64", () -> check(golden, DataType.FLOAT64, 1e-9)));
                tests.add(dynamicTest(name + " float32", () -> check(golden, DataType.FLOAT32, 1e-5)));
            }
            return tests.isEmpty() ? List.of(Golden.absent(folder + " has no loss of these")) : tests;
        });
    }

    private static void check(JsonNode golden, DataType type, double tolerance) {
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            switch (golden.get("loss").asString()) {
                case "grpo_guard" -> guard(new Case(manager, golden, type, tolerance));
                case "flow_dppo" -> dppo(new Case(manager, golden, type, tolerance));
                case "awm" -> awm(new Case(manager, golden, type, tolerance));
                default -> throw new AssertionError("a loss that nothing here computes: " + golden.get("loss"));
            }
        }
    }

    private record Case(NDManager manager, JsonNode golden, DataType type, double tolerance) {
        NDArray array(String key) {
            double[] values = golden.get(key)
                    .valueStream()
                    .flatMap(row -> row.isArray() ? row.valueStream() : Stream.of(row))
                    .mapToDouble(JsonNode::asDouble)
                    .toArray();
            long rows = golden.get(key).size();
            Shape shape = values.length == rows ? new Shape(rows) : new Shape(rows, values.length / rows);
            return manager.create(values, shape).toType(type, true);
        }

        double number(String key) {
            return golden.get(key).asDouble();
        }

        /** Advantages as a run has them: clamped, and scaled to 1 at the clamp if asked. */
        NDArray advantages(double scale) {
            double limit = golden.has("adv_clip") ? number("adv_clip") : 1e6;
            return Kernels.scale(Kernels.clamp(array("advantages"), -limit, limit), scale);
        }

        void require(String key, NDArray actual) {
            double[] got = actual.toType(DataType.FLOAT64, false).toDoubleArray();
            double[] expected = golden.get(key).isArray()
                    ? array(key).toType(DataType.FLOAT64, false).toDoubleArray()
                    : new double[] {number(key)};
            double scale = 0;
            for (double value : expected) {
                scale = Math.max(scale, Math.abs(value));
            }
            assertThat(got).as(key).containsExactly(expected, within(tolerance * scale));
        }
    }

    private static Likelihood.Evaluation transition(Case c, NDArray mean) {
        double std = c.number("std");
        NDArray next = c.array("next_sample");
        NDArray noise = TransitionLikelihood.noise(next, c.array("old_mean"), std);
        NDArray density = TransitionLikelihood.logDensity(next, mean, std);
        NDArray oldDensity = TransitionLikelihood.logDensity(next, c.array("old_mean"), std);
        return new Likelihood.Evaluation(
                density,
                oldDensity,
                new Likelihood.Prediction(mean, new double[0], mean),
                new Likelihood.Transition(0, mean, std, next, noise),
                new Metrics());
    }

    private static void guard(Case c) {
        Likelihood.Evaluation evaluation = transition(c, c.array("mean"));
        NDArray logRatio = new NormalisedRatio().logRatio(evaluation);
        if (c.type == DataType.FLOAT64) {
            c.require("log_ratio_normalised", logRatio);
            c.require("plain_log_ratio", new ImportanceRatio().logRatio(evaluation));
        }
        NDArray loss = new RatioClip(new RatioClip.Config(c.number("clip_range"), null))
                .surrogate(new TrustRegion.Pass(logRatio, c.advantages(1), 1))
                .loss()
                .mean();
        c.require("value", Kernels.scale(loss, 1 / c.number("step_size")));
    }

    private static void dppo(Case c) {
        NDArray mean = c.array("mean").duplicate();
        mean.setRequiresGradient(true);
        Gradients.record(recording -> {
            Likelihood.Evaluation evaluation = transition(c, mean);
            NDArray loss = new DivergenceMask(new DivergenceMask.Config(c.number("threshold")))
                    .surrogate(new TrustRegion.Pass(
                            new ImportanceRatio().logRatio(evaluation), c.advantages(1), 1, evaluation, null, null))
                    .loss()
                    .mean();
            c.require("value", loss.stopGradient());
            recording.backward(loss);
            return loss;
        });
        c.require("gradient", mean.getGradient());
    }

    private static void awm(Case c) {
        Weighting weighting =
                Weighting.valueOf(c.golden.get("weighting").asString().toUpperCase(Locale.ROOT));
        double[] times =
                c.golden.get("t").valueStream().mapToDouble(JsonNode::asDouble).toArray();
        double power = c.golden.has("power") ? c.number("power") : 0.25;
        NDArray difference = c.array("velocity").sub(c.array("target"));
        NDArray errors = Kernels.meanPerSample(difference.mul(difference));
        NDArray likelihood = weighting.logLikelihood(errors, times, power);
        c.require("matching_likelihood", likelihood);
        NDArray logRatio = likelihood.sub(c.array("old_matching_likelihood"));
        NDArray loss = new RatioClip(new RatioClip.Config(c.number("clip_range"), null))
                .surrogate(new TrustRegion.Pass(logRatio, c.advantages(1 / c.number("adv_clip")), 1))
                .loss()
                .mean();
        c.require("value", loss);
    }
}
