package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.flow.hpt.HptConfig;
import org.imagerl.flow.hpt.HptFactory;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Objective;
import org.imagerl.spi.PartConfig;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.data.Example;
import org.imagerl.spi.data.StoredImage;
import org.imagerl.testkit.TestImages;
import org.imagerl.tests.Close;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;

/** Prompts that are switched to demonstrations, and those that are not. */
class HptObjectiveTest {
    private static final double COEFFICIENT = 0.3;

    /** One image for every text but "nothing". */
    private record Images() implements DataSource {
        @Override
        public int images() {
            return 1;
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public Example example(int index) {
            return new Example(Prompt.of("x", "x"), List.of(new StoredImage("/x.png", 1)));
        }

        @Override
        public int[] examples(String text) {
            return text.equals("nothing") ? new int[0] : new int[] {0};
        }

        @Override
        public List<Prompt> heldOut() {
            return List.of();
        }

        @Override
        public void check(ImageSize size) {}

        @Override
        public RgbImage image(StoredImage image, ImageSize size) {
            return TestImages.noise(size.width(), size.height(), 7);
        }

        @Override
        public List<Path> files() {
            return List.of();
        }

        @Override
        public void close() {}
    }

    private record Given(DataSource source) implements PartConfig<DataSource> {
        @Override
        public String type() {
            return "given";
        }

        @Override
        public DataSource create(Context context) {
            return source;
        }
    }

    private static Objective hpt(double gate) {
        return hpt(gate, -1);
    }

    private static Objective hpt(double gate, double band) {
        Context context = new Context(Path.of("."), "cpu", 1, warning -> {});
        HptConfig config = new HptConfig(
                new Given(new Images()),
                1,
                gate,
                band,
                COEFFICIENT,
                new Times.Discrete(1, 1),
                null,
                null,
                null,
                null,
                null);
        return new HptFactory().create(config, context);
    }

    private static Batch shown(Batch batch, boolean... demonstrated) {
        return new Batch(
                batch.trajectories(),
                batch.advantages().demonstrated(demonstrated),
                batch.trainedSteps(),
                true,
                batch.seed(),
                0,
                null,
                batch.terms(),
                batch.samples());
    }

    /** By the share of right images: 0, 1/2 and all of them; one that was not scored does not count. */
    @Test
    void theGateSwitchesPromptsOfWhichTooFewImagesSucceed() {
        List<String> groups = List.of("a", "a", "b", "b", "c", "c", "c");
        double[] rewards = {0, 0.9, 1, 0, 1, Double.NaN, 2};
        Advantages given = Advantages.ofSamples(new double[7]);
        assertThat(hpt(0).credit(groups, rewards, given).demonstrated())
                .containsExactly(true, true, false, false, false, false, false);
        assertThat(hpt(0.5).credit(groups, rewards, given).demonstrated())
                .containsExactly(true, true, true, true, false, false, false);
        assertThat(hpt(-1).credit(groups, rewards, given).demonstrated()).containsOnly(false);
        assertThat(hpt(1).credit(groups, rewards, given).demonstrated())
                .containsExactly(true, true, true, true, true, false, true);
    }

    /** Between the gate and the end of the band nothing is learnt; the prompts below and above are as without a band. */
    @Test
    void aPromptInTheBandIsLeftOut() {
        List<String> groups = List.of("a", "a", "b", "b", "c", "c");
        double[] rewards = {0, 0.9, 1, 0, 1, 2};
        Advantages given = Advantages.ofSamples(-1, 1, 2, -2, -3, 3);
        Advantages out = hpt(0, 0.5).credit(groups, rewards, given);
        assertThat(out.demonstrated()).containsExactly(true, true, false, false, false, false);
        assertThat(out.samples()).containsExactly(-1, 1, 0, 0, -3, 3);
        assertThat(hpt(0, 1).credit(groups, rewards, given).samples()).containsExactly(-1, 1, 0, 0, 0, 0);
        assertThat(hpt(0.5, 0.5).credit(groups, rewards, given).samples()).containsExactly(given.samples());
        Advantages steps = Advantages.ofSteps(new double[][] {{1, 3}, {2, 4}, {5, 7}, {1, 1}, {6, 8}, {2, 2}});
        Advantages cut = hpt(0, 0.5).credit(groups, rewards, steps);
        assertThat(cut.at(1)).containsExactly(3, 4, 0, 0, 8, 2);
        assertThat(cut.samples()).containsExactly(2, 3, 0, 0, 7, 2);
        assertThat(steps.at(1)).as("what was given").containsExactly(3, 4, 7, 1, 8, 2);
    }

    @Test
    void withoutASwitchedPromptItIsTheRecipeToTheBit() {
        try (TinyPolicy tiny = TinyPolicy.trained(TinyPolicy.ATTENTION, 1)) {
            Batch batch = TinyPolicy.batch(tiny.rollout(), 1, -1, 0.5, -2);
            Map<String, float[]> plain = tiny.gradients(TinyPolicy.ddpo(), batch, 1);
            Map<String, float[]> switched = tiny.gradients(hpt(0), shown(batch, false, false, false, false), 1);
            plain.forEach((name, gradient) -> assertThat(switched.get(name)).containsExactly(gradient));
        }
    }

    /** Switched samples have the gradient of the matching error of the demonstration, whatever was sampled, and none of their own. */
    @Test
    void aSwitchedPromptAddsTheMatchingLossOfItsDemonstrationAlone() {
        try (TinyPolicy tiny = TinyPolicy.trained(TinyPolicy.ATTENTION, 1)) {
            Objective hpt = hpt(0);
            ImageSize size = tiny.pipeline.defaultSize();
            hpt.checkSize(size.width(), size.height());
            Batch batch = TinyPolicy.batch(tiny.rollout(), 1, -1, 0.5, -2);
            Map<String, float[]> all = tiny.gradients(hpt, shown(batch, true, true, true, true), 2);
            Close.require(all, matching(tiny, batch, 2, 0, 1, 2, 3), 1e-5);

            Map<String, float[]> mixed = tiny.gradients(hpt, shown(batch, true, false, false, true), 2);
            Map<String, float[]> own = tiny.gradients(TinyPolicy.ddpo(), rows(batch, 1, 2), 2);
            Map<String, float[]> demonstrations = matching(tiny, batch, 2, 0, 3);
            own.forEach((name, gradient) -> {
                for (int i = 0; i < gradient.length; i++) {
                    gradient[i] = (gradient[i] + demonstrations.get(name)[i]) / 2;
                }
            });
            Close.require(mixed, own, 1e-5);
        }
    }

    private static Batch rows(Batch batch, int... rows) {
        return Gradients.off(
                () -> batch.rows(batch.trajectories().state(TinyPolicy.STEPS).getManager(), rows));
    }

    private static Map<String, float[]> matching(TinyPolicy tiny, Batch whole, int pass, int... rows) {
        Batch batch = rows(whole, rows);
        Trajectories rollouts = batch.trajectories();
        ImageSize size = tiny.pipeline.defaultSize();
        List<RgbImage> images = Collections.nCopies(rows.length, TestImages.noise(size.width(), size.height(), 7));
        NDArray x0 = Gradients.off(() -> tiny.policy.latents(
                ImageTensors.toTensor(rollouts.state(TinyPolicy.STEPS).getManager(), images)));
        List<NDArray> states = new ArrayList<>(rollouts.states());
        states.set(TinyPolicy.STEPS, x0);
        Batch stored = batch.of(new Trajectories(
                rollouts.kernel(), rollouts.prompts(), rollouts.conditioning(), states, rollouts.logDensities()));
        NoisedImages noised = NoisedImages.draw(
                tiny.policy, stored, new Times.Discrete(1, 1), pass, TinyPolicy.STEPS, stored.samples());
        return tiny.gradients(() -> {
            NDArray error = noised.errors(noised.output(tiny.policy, WeightSet.LIVE, stored), PredictionError.VELOCITY);
            return Kernels.scale(error.mean(), COEFFICIENT);
        });
    }

    @Test
    void aPromptWithoutADemonstrationIsRefused() {
        assertThatThrownBy(() -> hpt(0).check(Prompt.of("a", "nothing")))
                .hasMessageContaining("algorithm.objective.demonstrations: has no image for the prompt \"nothing\"");
    }

    @Test
    void demonstratedSamplesFollowTheirRows() {
        Advantages advantages = Advantages.ofSamples(1, 2, 3).demonstrated(new boolean[] {true, false, true});
        assertThat(advantages.rows(2, 1).demonstrated()).containsExactly(true, false);
        assertThat(advantages.map(a -> 2 * a).demonstrated()).containsExactly(true, false, true);
        assertThat(Arrays.stream(advantages.map(a -> 2 * a).samples()).sum()).isCloseTo(12, within(1e-12));
        assertThat(IntStream.range(0, 3).filter(Advantages.ofSamples(1, 2, 3)::isDemonstrated))
                .isEmpty();
    }
}
