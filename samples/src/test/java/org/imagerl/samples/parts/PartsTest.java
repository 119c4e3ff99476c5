package org.imagerl.samples.parts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Guidance;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Objective;
import org.imagerl.spi.PenaltyGradient;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Selection;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.spi.run.RolloutBudget;
import org.imagerl.spi.run.Tracker;
import org.imagerl.spi.run.UpdateRule;
import org.imagerl.testkit.AdvantageContract;
import org.imagerl.testkit.GuidanceContract;
import org.imagerl.testkit.ObjectiveContract;
import org.imagerl.testkit.PromptSamplerContract;
import org.imagerl.testkit.RewardCombinationContract;
import org.imagerl.testkit.RolloutBudgetContract;
import org.imagerl.testkit.SelectionContract;
import org.imagerl.testkit.TrackerContract;
import org.imagerl.testkit.UpdateRuleContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The parts of docs/plugins.md keep their contracts. */
class PartsTest {

    @Nested
    class Median extends AdvantageContract {
        @Override
        protected Advantage create() {
            return new MedianAdvantage();
        }

        @Test
        void outstandingImagesDoNotMoveTheMedian() {
            assertThat(create().advantages(List.of("a", "b", "a", "a"), new double[] {1, 7, 2, 90}))
                    .containsExactly(-1, 0, 0, 88);
        }
    }

    @Nested
    class Early extends GuidanceContract {
        @Override
        protected Guidance create() {
            return new EarlyGuidance(0.5);
        }
    }

    @Nested
    class Hardest extends PromptSamplerContract {
        @Override
        protected PromptSampler create() {
            return new HardestPrompts();
        }
    }

    @Nested
    class MoreForHard extends RolloutBudgetContract {
        @Override
        protected RolloutBudget create() {
            return new MoreForHardPrompts();
        }

        @Test
        void whatScoredLowGetsTheImagesOfWhatScoredHigh() {
            RolloutBudget budget = create();
            List<Prompt> prompts = List.of(Prompt.of("easy", ""), Prompt.of("hard", ""));
            budget.scored(prompts, new double[] {5, 1});
            assertThat(budget.samples(prompts, 4, 1)).containsExactly(3, 5);
        }
    }

    @Nested
    class Above extends SelectionContract {
        @Override
        protected Selection create() {
            return new AboveAverage();
        }
    }

    @Nested
    class Worst extends RewardCombinationContract {
        @Override
        protected RewardCombination create() {
            return new WorstReward();
        }
    }

    @Nested
    class Signs extends UpdateRuleContract {
        @Override
        protected UpdateRule create() {
            return new SignDescent();
        }
    }

    @Nested
    class Log extends TrackerContract {
        @Override
        protected Tracker create(Path run) {
            return new RewardLog();
        }

        @Override
        protected List<Long> epochs(Path run) {
            try {
                return Files.readAllLines(run.resolve("rewards.txt")).stream()
                        .map(line -> Long.parseLong(line.split(" ")[0]))
                        .toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** On the smallest flow model: its velocity is {@code slope x}, one trained number. */
    @Nested
    class Best extends ObjectiveContract implements Policy, Schedule {
        private final NDManager manager = NDManager.newBaseManager();
        private final NDArray slope = manager.full(new Shape(1), 0.3f);

        Best() {
            slope.setRequiresGradient(true);
        }

        @AfterEach
        void close() {
            manager.close();
        }

        @Override
        protected Objective create() {
            return new LearnTheBest(new LearnTheBest.Config(3));
        }

        @Override
        protected Policy policy() {
            return this;
        }

        @Override
        protected Collection<NDArray> parameters() {
            return List.of(slope);
        }

        @Override
        protected Batch microBatch() {
            NDArray images =
                    manager.arange(0, 16, 1).toType(slope.getDataType(), true).reshape(4, 1, 2, 2);
            Prompt prompt = Prompt.of("p", "a prompt");
            Trajectories finished = new Trajectories(
                    new Finished(0),
                    Collections.nCopies(4, prompt),
                    new Conditioning(Map.of(), Map.of()),
                    List.of(images),
                    List.of());
            return new Batch(finished, new double[] {1, -1, 0.5, 2}, new int[0], false, 7, new int[] {5, 3, 8, 9});
        }

        @Override
        public NDArray output(WeightSet weights, NDArray latents, double[] timesteps, Trajectories batch) {
            return latents.mul(slope);
        }

        @Override
        public Schedule schedule() {
            return this;
        }

        @Override
        public String description() {
            return "flow";
        }

        @Override
        public AlphaSigma at(double timestep) {
            return new AlphaSigma(1 - timestep, timestep, -1, 1);
        }

        @Override
        public double timestep(double position) {
            return position;
        }

        @Override
        public TransitionKernel ode(int steps) {
            return new Finished(0);
        }
    }

    @Test
    void onlyImagesAboveTheAverageAreSelected() {
        double[] advantages = {0.5, -0.5, Double.NaN, 0, 2};
        assertThat(new AboveAverage()
                        .select(new Selection.Candidates(
                                List.of("a", "a", "a", "a", "a"), new double[5], advantages, 0, 1)))
                .containsExactly(0, 4);
    }

    @Test
    void laterStepsHaveAMeanWeightOfOne() {
        double sum = 0;
        for (int step = 0; step < 5; step++) {
            sum += new LaterSteps().weight(new Finished(5), step);
        }
        assertThat(sum / 5).isCloseTo(1, within(1e-12));
    }

    /** A ratio of 1.1 is outside, whatever the advantage; of the one that is inside the gradient is -A rho. */
    @Test
    void aHardStopLeavesOutWhatHasMovedFar() {
        try (NDManager manager = NDManager.newBaseManager();
                GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray logRatio = manager.create(new double[] {Math.log(1.1), Math.log(0.8), Math.log(1.02)})
                    .duplicate();
            logRatio.setRequiresGradient(true);
            NDArray advantages = manager.create(new double[] {-1, 1, 2}).toType(logRatio.getDataType(), true);
            TrustRegion.Surrogate surrogate =
                    new HardStop(0.05).surrogate(new TrustRegion.Pass(logRatio, advantages, 4));
            collector.backward(surrogate.loss().sum());
            double[] gradient = logRatio.getGradient().toDoubleArray();
            assertThat(gradient).containsExactly(new double[] {0, 0, -2.04}, within(1e-6));
            assertThat(surrogate.aboveShare()).isCloseTo(1 / 3.0, within(1e-12));
            assertThat(surrogate.belowShare()).isCloseTo(1 / 3.0, within(1e-12));
            assertThat(surrogate.clippedShare()).isCloseTo(2 / 3.0, within(1e-12));
        }
    }

    @Test
    void aTemperedRatioIsAPower() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray now = manager.create(new double[] {Math.log(4)});
            Likelihood.Evaluation evaluation = new Likelihood.Evaluation(
                    now,
                    manager.zeros(now.getShape(), now.getDataType()),
                    new Likelihood.Prediction(now, new double[] {1}, now),
                    null,
                    new Metrics());
            assertThat(new TemperedRatio(0.5).logRatio(evaluation).toDoubleArray()[0])
                    .isCloseTo(Math.log(2), within(1e-12));
        }
    }

    @Test
    void aPenaltyThatDisagreesIsLeftOut() {
        assertThat(new AgreeingPenalty().factors(1, -0.1)).isEqualTo(new PenaltyGradient.Factors(1, 0));
        assertThat(new AgreeingPenalty().factors(1, 0.1)).isEqualTo(new PenaltyGradient.Factors(1, 1));
    }

    @Test
    void theWorstRewardCounts() {
        RewardCombination.Scored scored = new RewardCombination.Scored(
                List.of("a", "a", "a"),
                List.of(
                        new RewardCombination.Column("x", 1, new double[] {1, 5, 3}),
                        new RewardCombination.Column("y", 2, new double[] {2, 1, Double.NaN})),
                RolloutEvidence.of(new Trajectories(
                        new Finished(0), List.of(), new Conditioning(Map.of(), Map.of()), List.of(), List.of())));
        assertThat(new WorstReward().advantages(scored, new MedianAdvantage()).samples())
                .containsExactly(-0.5, 0.5, Double.NaN);
    }

    /** Of a sampler nothing but the number of its steps counts here. */
    private record Finished(int steps) implements TransitionKernel {
        @Override
        public double timestep(int step) {
            return 1;
        }

        @Override
        public double std(int step) {
            return 0;
        }

        @Override
        public double meanPerOutput(int step) {
            return 1;
        }

        @Override
        public double stepSize(int step) {
            return 1;
        }

        @Override
        public NDArray mean(int step, NDArray latents, NDArray output) {
            return latents;
        }
    }
}
