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
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.imagerl.flow.crd.CrdObjective;
import org.imagerl.flow.dgpo.DgpoObjective;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.Times;
import org.imagerl.flow.nft.NftObjective;
import org.imagerl.flow.pairs.PairLoss;
import org.imagerl.flow.pairs.PairwiseObjective;
import org.imagerl.flow.schedule.FlowSchedule;
import org.imagerl.flow.schedule.FlowSchedulerConfig;
import org.imagerl.flow.schedule.GridEnd;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.testkit.Golden;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The losses of objectives that are no recipe and their gradients, for models that predict velocity, noise and v. */
class GoldenObjectivesTest {
    private static final Times TIMES = new Times.Uniform(0, 1);

    @TestFactory
    List<DynamicTest> lossesAndGradientsEqualTheirDefinition() throws IOException {
        return Golden.tests("objectives", folder -> {
            List<DynamicTest> tests = new ArrayList<>();
            for (JsonNode golden : JsonMapper.shared().readTree(Files.readString(folder.resolve("losses.json")))) {
                String name = tests.size() / 2 + " " + golden.get("loss").asString()
                        + (golden.has("pair_loss")
                                ? " " + golden.get("pair_loss").asString()
                                : "") + ", predicts "
                        + golden.get("prediction").asString();
                tests.add(dynamicTest(name + ", float64", () -> check(golden, DataType.FLOAT64, 1e-9)));
                tests.add(dynamicTest(name + ", float32", () -> check(golden, DataType.FLOAT32, 1e-5)));
            }
            return tests;
        });
    }

    private static void check(JsonNode golden, DataType type, double tolerance) {
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            Case given = new Case(manager, golden, type);
            NDArray output = given.outputs(WeightSet.LIVE);
            output.setRequiresGradient(true);
            double value = Gradients.record(recording -> {
                NDArray loss = given.loss();
                recording.backward(loss);
                return loss.stopGradient().toType(DataType.FLOAT64, false).getDouble();
            });
            double expected = golden.get("value").asDouble();
            assertThat(value).isCloseTo(expected, within(tolerance * Math.abs(expected)));
            double[] gradient = numbers(output.getGradient());
            double[] wanted = numbers(given.latents("gradient"));
            double scale = IntStream.range(0, wanted.length)
                    .mapToDouble(i -> Math.abs(wanted[i]))
                    .max()
                    .orElseThrow();
            assertThat(gradient).as("gradient").containsExactly(wanted, within(tolerance * scale));
        }
    }

    private static double[] numbers(NDArray array) {
        return array.toType(DataType.FLOAT64, false).toDoubleArray();
    }

    /** A policy whose outputs are those of the case, whatever it is asked. */
    private record Case(NDManager manager, JsonNode golden, DataType type, Map<WeightSet, NDArray> made)
            implements Policy {
        Case(NDManager manager, JsonNode golden, DataType type) {
            this(manager, golden, type, new EnumMap<>(WeightSet.class));
        }

        NDArray loss() {
            Batch batch = batch();
            return switch (golden.get("loss").asString()) {
                case "nft" ->
                    new NftObjective(new NftObjective.Config(
                                    number("beta"), number("adv_clip"), number("coefficient"), 1, TIMES))
                            .loss(this, batch, noised())
                            .value();
                case "dgpo" ->
                    new DgpoObjective(new DgpoObjective.Config(
                                    number("beta"),
                                    golden.has("clip_range") ? number("clip_range") : null,
                                    number("coefficient"),
                                    1,
                                    TIMES))
                            .loss(this, batch, noised())
                            .value();
                case "crd" ->
                    new CrdObjective(new CrdObjective.Config(
                                    number("beta"),
                                    CrdObjective.Form.valueOf(
                                            golden.get("form").asString().toUpperCase(Locale.ROOT)),
                                    golden.get("adaptive").asBoolean(),
                                    golden.has("temperature") ? number("temperature") : null,
                                    number("adv_clip"),
                                    number("coefficient"),
                                    golden.get("by_reward").asBoolean(),
                                    1,
                                    TIMES))
                            .loss(this, batch, noised())
                            .value();
                case "pairs" ->
                    new PairwiseObjective(new PairwiseObjective.Config(
                                    pairLoss(),
                                    number("anchor"),
                                    PredictionError.valueOf(
                                            golden.get("error").asString().toUpperCase(Locale.ROOT)),
                                    1,
                                    TIMES,
                                    0))
                            .loss(this, batch, noised())
                            .value();
                default -> throw new AssertionError("a loss that nothing here computes: " + golden.get("loss"));
            };
        }

        PairLoss pairLoss() {
            double beta = number("beta");
            return switch (golden.get("pair_loss").asString()) {
                case "dpo" -> new PairLoss.Dpo(beta);
                case "ipo" -> new PairLoss.Ipo(beta);
                case "kto" -> new PairLoss.Kto(beta, number("desirable"), number("undesirable"));
                case "cpl" ->
                    new PairLoss.Cpl(
                            beta,
                            number("bias"),
                            golden.get("against_reference").asBoolean());
                case "tgdpo" -> new PairLoss.Tgdpo(beta, number("weight"));
                default -> throw new AssertionError("a loss that nothing here computes: " + golden.get("pair_loss"));
            };
        }

        /** Rows of numbers as latents of one channel and one line. */
        NDArray latents(String key) {
            double[] values = golden.get(key)
                    .valueStream()
                    .flatMap(JsonNode::valueStream)
                    .mapToDouble(JsonNode::asDouble)
                    .toArray();
            long rows = golden.get(key).size();
            return manager.create(values, new Shape(rows, 1, 1, values.length / rows))
                    .toType(type, true)
                    .duplicate();
        }

        double[] array(String key) {
            return golden.get(key).valueStream().mapToDouble(JsonNode::asDouble).toArray();
        }

        double number(String key) {
            return golden.get(key).asDouble();
        }

        AlphaSigma noising(int sample) {
            double alpha = array("alpha")[sample];
            double sigma = array("sigma")[sample];
            return switch (golden.get("prediction").asString()) {
                case "flow" -> new AlphaSigma(alpha, sigma, -1, 1);
                case "epsilon" -> new AlphaSigma(alpha, sigma, 0, 1);
                default -> new AlphaSigma(alpha, sigma, -sigma, alpha);
            };
        }

        NoisedImages noised() {
            return Gradients.off(() -> {
                List<AlphaSigma> noisings = IntStream.range(0, array("alpha").length)
                        .mapToObj(this::noising)
                        .toList();
                double[] onX0 = noisings.stream().mapToDouble(AlphaSigma::onX0).toArray();
                double[] onEps =
                        noisings.stream().mapToDouble(AlphaSigma::onEps).toArray();
                NDArray x0 = latents("x0");
                NDArray eps = latents("noise");
                double[] timesteps =
                        IntStream.range(0, onX0.length).asDoubleStream().toArray();
                return new NoisedImages(
                        PerSample.mixed(x0, array("alpha"), eps, array("sigma")),
                        timesteps,
                        PerSample.mixed(x0, onX0, eps, onEps),
                        noisings);
            });
        }

        Batch batch() {
            NDArray x0 = latents("x0");
            List<Prompt> prompts = IntStream.range(0, golden.get("x0").size())
                    .mapToObj(row -> Prompt.of(group(row), "a prompt"))
                    .toList();
            TransitionKernel anyKernel = FlowSchedule.of(
                            new FlowSchedulerConfig(1000, 1, Optional.empty(), Optional.empty(), List.of()),
                            1,
                            GridEnd.TRAINED)
                    .ode(1);
            Trajectories rollouts = new Trajectories(
                    anyKernel,
                    prompts,
                    new Conditioning(Map.of(), Map.of()),
                    List.of(x0, x0),
                    Collections.singletonList(null));
            int[] samples = IntStream.range(0, prompts.size()).toArray();
            return new Batch(rollouts, array("advantages"), new int[0], false, 1, samples);
        }

        /** The prompt of a sample; two in a row have one where the case says nothing of groups. */
        String group(int row) {
            return golden.has("groups") ? golden.get("groups").get(row).asString() : Integer.toString(row / 2);
        }

        NDArray outputs(WeightSet weights) {
            return made.computeIfAbsent(
                    weights,
                    set -> latents(
                            switch (set) {
                                case LIVE -> "output";
                                case REFERENCE -> "reference";
                                case EMA -> golden.has("average") ? "average" : "behaviour";
                                default -> "behaviour";
                            }));
        }

        @Override
        public NDArray output(WeightSet weights, NDArray latents, double[] timesteps, Trajectories batch) {
            return outputs(weights);
        }

        @Override
        public Schedule schedule() {
            Case own = this;
            return new Schedule() {
                @Override
                public String description() {
                    return "of a case";
                }

                @Override
                public AlphaSigma at(double timestep) {
                    return own.noising((int) timestep);
                }

                @Override
                public double timestep(double position) {
                    return position;
                }

                @Override
                public TransitionKernel ode(int steps) {
                    throw new UnsupportedOperationException();
                }
            };
        }
    }
}
