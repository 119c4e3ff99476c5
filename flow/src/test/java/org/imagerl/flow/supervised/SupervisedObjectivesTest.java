package org.imagerl.flow.supervised;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.Times;
import org.imagerl.flow.testing.LineFlow;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On the smallest flow model, whose velocity is a line. */
class SupervisedObjectivesTest {
    private static final int SIZE = 4;
    private static final Times TIMES = new Times.Uniform(0, 1);

    private final LineFlow flow = new LineFlow();
    private final Trajectories images = flow.rollout(new OdeDynamics(), 3, Sampler.Keep.LAST, SIZE);
    private final Batch batch = new Batch(images, new double[SIZE], new int[0], true, 5, new int[] {0, 1, 2, 3});

    @AfterEach
    void close() {
        flow.close();
    }

    private static SftObjective sft(double dropout) {
        return new SftObjective(new SftObjective.Config(dropout, PredictionError.OUTPUT, 2, TIMES));
    }

    private double loss(Objective objective, Policy policy, int pass) {
        Loss loss = Gradients.record(recording -> objective.loss(policy, batch, pass));
        return loss.value().getFloat();
    }

    /** The numbers of the loss by hand: the mean of (0.3 x_t + 0.1 - (eps - x0))^2, and its derivatives. */
    @Test
    void supervisedFineTuningIsTheLossOfPretraining() {
        NoisedImages noised = NoisedImages.draw(flow.policy, batch, TIMES, 1, 2, 0, 1, 2, 3);
        float[] x = noised.latents().toFloatArray();
        float[] u = noised.target().toFloatArray();
        double loss = 0;
        double slope = 0;
        double offset = 0;
        for (int i = 0; i < x.length; i++) {
            double error = 0.3 * x[i] + 0.1 - u[i];
            loss += error * error / x.length;
            slope += 2 * error * x[i] / x.length;
            offset += 2 * error / x.length;
        }
        assertThat(loss(sft(0), flow.policy, 1)).isCloseTo(loss, withinPercentage(1e-3));
        Map<String, Double> gradients =
                flow.gradients(() -> sft(0).loss(flow.policy, batch, 1).value());
        assertThat(gradients.get("slope")).isCloseTo(slope, withinPercentage(1e-2));
        assertThat(gradients.get("offset")).isCloseTo(offset, withinPercentage(1e-2));
        assertThat(loss(sft(0), flow.policy, 0)).isNotCloseTo(loss, within(1e-6));
    }

    /** The prompts that a policy is asked about. */
    private final class Asked implements Policy {
        private final List<List<String>> texts = new ArrayList<>();
        private final List<Boolean> guided = new ArrayList<>();

        @Override
        public NDArray output(WeightSet weights, NDArray latents, double[] timesteps, Trajectories of) {
            texts.add(of.prompts().stream().map(Prompt::text).toList());
            guided.add(of.conditioning().guided());
            return flow.policy.output(weights, latents, timesteps, of);
        }

        @Override
        public Conditioning encode(List<Prompt> prompts) {
            return flow.policy.encode(prompts);
        }

        @Override
        public Schedule schedule() {
            return flow.policy.schedule();
        }
    }

    @Test
    void promptsAreLeftOutAsOftenAsIsSaidAndAlikeHoweverAnUpdateIsCut() {
        Asked asked = new Asked();
        int dropped = 0;
        for (int pass = 0; pass < 100; pass++) {
            loss(sft(0.25), asked, pass);
            dropped +=
                    (int) asked.texts.get(pass).stream().filter(String::isEmpty).count();
        }
        assertThat(dropped / 400.0).isCloseTo(0.25, within(0.07));
        Asked part = new Asked();
        Batch row = Gradients.off(
                () -> new Batch(images.rows(flow.manager(), 2), new double[1], new int[0], true, 5, new int[] {2}));
        for (int pass = 0; pass < 20; pass++) {
            int now = pass;
            Gradients.record(recording -> sft(0.25).loss(part, row, now));
            assertThat(part.texts.get(pass).get(0))
                    .isEqualTo(asked.texts.get(pass).get(2));
        }
        assertThat(asked.guided).containsOnly(false);
        Asked whole = new Asked();
        loss(sft(0), whole, 0);
        assertThat(whole.texts.get(0))
                .containsExactlyElementsOf(
                        IntStream.range(0, SIZE).mapToObj(i -> "prompt " + i).toList());
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> sft(1)).hasMessageContaining("caption_dropout must be from 0 to below 1");
        assertThatThrownBy(() -> new SftObjective.Config(0, PredictionError.OUTPUT, 0, TIMES))
                .hasMessageContaining("draws");
    }
}
