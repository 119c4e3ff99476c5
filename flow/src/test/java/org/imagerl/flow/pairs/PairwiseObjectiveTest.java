package org.imagerl.flow.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.flow.matching.CaptionDropout;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.Times;
import org.imagerl.flow.testing.LineFlow;
import org.imagerl.flow.testing.LineFlowContract;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Preferences on the smallest flow model: two pairs of one prompt each, the preferred image first. */
class PairwiseObjectiveTest {
    private static final Times TIMES = new Times.Uniform(0.2, 0.9);
    private static final double BETA = 50;

    private final LineFlow flow = new LineFlow();
    private final Trajectories rollout = ofTwoPrompts(flow.rollout(new OdeDynamics(), 4, Sampler.Keep.LAST, 4));

    private static Trajectories ofTwoPrompts(Trajectories own) {
        Prompt a = Prompt.of("a", "prompt");
        Prompt b = Prompt.of("b", "prompt");
        return new Trajectories(
                own.kernel(), List.of(a, a, b, b), own.conditioning(), own.states(), own.logDensities());
    }

    @AfterEach
    void close() {
        flow.close();
    }

    private static PairwiseObjective objective(double anchor) {
        return new PairwiseObjective(
                new PairwiseObjective.Config(new PairLoss.Dpo(BETA), anchor, PredictionError.VELOCITY, 3, TIMES, 0));
    }

    /** The rows in this order. */
    private Batch batch(int... rows) {
        int[] samples =
                IntStream.of(rows).map(row -> new int[] {7, 4, 9, 5}[row]).toArray();
        Trajectories ordered = rollout.rows(rollout.state(4).getManager(), rows);
        return new Batch(ordered, new double[rows.length], new int[0], true, 77, samples);
    }

    private Map<String, Double> gradients(PairwiseObjective objective, int... rows) {
        return flow.gradients(() -> objective.loss(flow.policy, batch(rows), 1).value());
    }

    private Loss loss(PairwiseObjective objective, int... rows) {
        return Gradients.record(recording -> objective.loss(flow.policy, batch(rows), 1));
    }

    /** The gradient of the errors' sum with these factors. */
    private Map<String, Double> ofErrors(double... factors) {
        return flow.gradients(() -> {
            Batch batch = batch(0, 1, 2, 3);
            NoisedImages noised = NoisedImages.draw(flow.policy, batch, TIMES, 1, 3, PairwiseObjective.streams(batch));
            NDArray errors = noised.errors(noised.output(flow.policy, WeightSet.LIVE, batch), PredictionError.VELOCITY);
            return errors.mul(PerSample.like(errors, factors)).sum();
        });
    }

    @Test
    void atTheReferenceWeightsTheLossIsLogTwoAndPullsTheBestFromTheWorst() {
        assertThat(loss(objective(0), 0, 1, 2, 3).value().getDouble()).isCloseTo(Math.log(2), within(1e-12));
        double factor = BETA / 4 / 2;
        Map<String, Double> expected = ofErrors(factor, -factor, factor, -factor);
        gradients(objective(0), 0, 1, 2, 3)
                .forEach((name, gradient) ->
                        assertThat(gradient).as(name).isCloseTo(expected.get(name), withinPercentage(0.01)));
    }

    @Test
    void theAnchorIsTheMatchingLossOfThePreferredImages() {
        Map<String, Double> without = gradients(objective(0), 0, 1, 2, 3);
        Map<String, Double> anchor = ofErrors(1.5, 0, 1.5, 0);
        gradients(objective(3), 0, 1, 2, 3)
                .forEach((name, gradient) -> assertThat(gradient - without.get(name))
                        .as(name)
                        .isCloseTo(anchor.get(name), withinPercentage(0.1)));
    }

    @Test
    void swappingPairsTurnsTheGradient() {
        Map<String, Double> one = gradients(objective(0), 0, 1, 2, 3);
        gradients(objective(0), 1, 0, 3, 2)
                .forEach((name, gradient) ->
                        assertThat(gradient).as(name).isCloseTo(-one.get(name), withinPercentage(0.01)));
    }

    /** Both images of a pair share time and noise, whichever is preferred and whatever else is in the batch. */
    @Test
    void aPairIsMadeNoisyAlikeHoweverAnUpdateIsCut() {
        Batch all = batch(0, 1, 2, 3);
        Batch last = batch(3, 2);
        NoisedImages together = NoisedImages.draw(flow.policy, all, TIMES, 1, 3, PairwiseObjective.streams(all));
        NoisedImages alone = NoisedImages.draw(flow.policy, last, TIMES, 1, 3, PairwiseObjective.streams(last));
        assertThat(together.timesteps()[2]).isEqualTo(together.timesteps()[3]).isEqualTo(alone.timesteps()[0]);
        assertThat(together.timesteps()[0]).isEqualTo(together.timesteps()[1]).isNotEqualTo(together.timesteps()[2]);
        float[] two = together.latents().toFloatArray();
        float[] one = alone.latents().toFloatArray();
        int elements = one.length / 2;
        for (int i = 0; i < elements; i++) {
            assertThat(one[i]).isEqualTo(two[3 * elements + i]);
            assertThat(one[elements + i]).isEqualTo(two[2 * elements + i]);
        }
    }

    /** A prompt is left out for both images of a pair or for none, and about as often as it should be. */
    @Test
    void bothImagesOfAPairLoseTheirPromptTogether() {
        Batch all = batch(0, 1, 2, 3);
        int both = 0;
        for (int pass = 0; pass < 400; pass++) {
            List<Prompt> prompts = CaptionDropout.of(flow.policy, all, 0.25, pass, PairwiseObjective.streams(all))
                    .trajectories()
                    .prompts();
            boolean first = prompts.get(0).text().isEmpty();
            assertThat(prompts.get(1).text().isEmpty()).isEqualTo(first);
            assertThat(prompts.get(3).text().isEmpty())
                    .isEqualTo(prompts.get(2).text().isEmpty());
            both += first ? 1 : 0;
        }
        assertThat(both).isBetween(70, 130); // of 400, the mean 100 and 3.5 standard deviations of 8.7
    }

    @Test
    void aStepAlongTheGradientWidensTheMargin() {
        double gradient = gradients(objective(0), 0, 1).get("offset");
        flow.move("offset", -1e-3 * Math.signum(gradient));
        Map<String, Double> after = loss(objective(0), 0, 1).metrics().values();
        assertThat(after.get("preference_margin")).isPositive();
        assertThat(after).containsEntry("preference_accuracy", 1.0);
    }

    @Test
    void settingsThatMeanNothingAreRefused() {
        assertThatThrownBy(() -> objective(-1)).hasMessageContaining("anchor");
        assertThatThrownBy(
                        () -> new PairwiseObjective.Config(new PairLoss.Dpo(1), 0, PredictionError.OUTPUT, 0, TIMES, 0))
                .hasMessageContaining("draws");
    }

    @Nested
    class EveryObjective extends LineFlowContract {
        EveryObjective() {
            super(flow, () -> objective(0.5), () -> batch(0, 1, 2, 3));
        }
    }
}
