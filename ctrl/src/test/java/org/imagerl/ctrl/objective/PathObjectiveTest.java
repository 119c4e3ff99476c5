package org.imagerl.ctrl.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.ctrl.OpenControl;
import org.imagerl.ctrl.Tiny;
import org.imagerl.ctrl.baseline.NoOpObjective;
import org.imagerl.ctrl.classifier.TinyClassifier;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.path.Truncation;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a whole checkpoint with guidance: sampler, decoder and classifier. */
class PathObjectiveTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void train() {
        TinyClassifier.train(folder, 32, 1);
    }

    private static PathObjective objective(double gamma) {
        return new PathObjective(
                new PathObjective.Config(List.of("classifier"), Map.of(), gamma, new Truncation.None()),
                Tiny.context(folder));
    }

    @Test
    void thereIsNoDivergenceBeforeTrainingAndItsGradientIsZero() {
        try (OpenControl open = new OpenControl(false, 0)) {
            Map<String, Double> metrics = open.add(objective(1));
            assertThat(metrics.get("path_kl")).isLessThan(1e-6);
            assertThat(metrics.get("objective")).isCloseTo(metrics.get("log_likelihood"), within(1e-6));
        }
    }

    @Test
    void theDivergenceOfAnUntrainedBaselineIsMeasuredAlike() {
        try (OpenControl open = new OpenControl(false, 0.05)) {
            double expected = open.add(objective(1)).get("path_kl");
            assertThat(expected).isGreaterThan(1e-3);
            assertThat(open.add(new NoOpObjective()).get("path_kl")).isCloseTo(expected, within(1e-5 * expected));
        }
    }

    /** A backward pass that runs networks again must run each with its own weights. */
    @Test
    void checkpointingChangesNothing() {
        Map<String, float[]> kept;
        try (OpenControl open = new OpenControl(false, 0.05)) {
            kept = open.gradients(objective(1));
        }
        try (OpenControl open = new OpenControl(true, 0.05)) {
            Map<String, float[]> again = open.gradients(objective(1));
            kept.forEach((name, gradient) -> {
                double norm = Math.sqrt(IntStream.range(0, gradient.length)
                        .mapToDouble(i -> gradient[i] * (double) gradient[i])
                        .sum());
                for (int i = 0; i < gradient.length; i++) {
                    assertThat(again.get(name)[i]).as("%s %d", name, i).isCloseTo(gradient[i], within((float)
                            (1e-4 * norm + 1e-7)));
                }
            });
        }
    }

    @Test
    void gammaScalesTheLikelihoodAndNotTheDivergence() {
        try (OpenControl open = new OpenControl(false, 0.05)) {
            Map<String, Double> one = open.add(objective(1));
            Map<String, Double> three = open.add(objective(3));
            assertThat(one.get("path_kl")).isPositive().isEqualTo(three.get("path_kl"));
            assertThat(three.get("objective"))
                    .isCloseTo(3 * one.get("log_likelihood") - one.get("path_kl"), within(1e-4));
            assertThat(one.get("path_kl_per_element")).isCloseTo(one.get("path_kl") / (4 * 16 * 16), within(1e-9));
        }
    }

    @Test
    void noArrayIsLeftBehind() {
        try (OpenControl open = new OpenControl(false, 0.05)) {
            open.add(objective(1));
            PathObjective objective = objective(1);
            open.add(objective);
            int before = open.pipeline.manager().getManagedArrays().size();
            open.add(objective);
            assertThat(open.pipeline.manager().getManagedArrays()).hasSize(before);
        }
    }

    @Test
    void aClassifierOfImagesOfAnotherSizeIsRefused(@TempDir Path other) {
        TinyClassifier.train(other, 16, 1);
        PathObjective objective = new PathObjective(
                new PathObjective.Config(List.of("classifier"), Map.of(), 1, new Truncation.None()),
                Tiny.context(other));
        try (OpenControl open = new OpenControl(false, 0)) {
            assertThatThrownBy(() -> open.add(objective))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("was trained on images of 16 x 16, not 32 x 32");
        }
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> objective(0)).hasMessageContaining("gamma must be above 0");
        assertThatThrownBy(() -> objective(1).check(Prompt.of("p", "the cat")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("names no class of the control shade");
        Prompt weak = new Prompt("p", "", Map.of("shade", "1", "control_strength", "-1"));
        assertThatThrownBy(() -> objective(1).check(weak)).hasMessageContaining("above 0");
        Prompt others = new Prompt("p", "", Map.of("shade", "1", "shade_classes", "5"));
        assertThatThrownBy(() -> objective(1).check(others)).hasMessageContaining("must be of the same classes");
        assertThatThrownBy(() -> new Truncation.Last(0)).hasMessageContaining("at least 1");
        assertThat(objective(1).needs().onPolicy()).isTrue();
    }
}
