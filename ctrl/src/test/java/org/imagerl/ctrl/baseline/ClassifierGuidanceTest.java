package org.imagerl.ctrl.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.Tiny;
import org.imagerl.ctrl.classifier.Classifiers;
import org.imagerl.ctrl.classifier.TinyClassifier;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.testkit.AugmentationContract;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifierGuidanceTest {
    private static final double TIME = 301;
    private static final Prompt ASKING = new Prompt("p", "the cat", Map.of("shade", "2"));
    private static final Prompt FREE = Prompt.of("p", "the cat");

    @TempDir
    private static Path folder;

    @BeforeAll
    static void train() {
        TinyClassifier.train(folder, 32, 2);
    }

    @Nested
    class Contract extends AugmentationContract {
        @Override
        protected Augmentation create() {
            return new ClassifierGuidance(
                    new ClassifierGuidance.Config(List.of("classifier"), Map.of(), 1), Tiny.context(folder));
        }

        @Override
        protected Pipeline checkpoint() {
            return Tiny.checkpoint();
        }

        @Override
        protected Map<String, String> wishes() {
            return Map.of("shade", "2");
        }
    }

    private static Pipeline guided(double scale) {
        ClassifierGuidance.Config config = new ClassifierGuidance.Config(List.of("classifier"), Map.of(), scale);
        return new ClassifierGuidance(config, Tiny.context(folder)).augment(Tiny.checkpoint());
    }

    private static float[] output(Pipeline pipeline, float[] latents, Prompt prompt) {
        float[][] output = new float[1][];
        Scope.run(() -> output[0] = Gradients.off(() -> {
            NDArray x = pipeline.manager().create(latents, new Shape(1, 4, 16, 16));
            Map<String, NDArray> conditioning = pipeline.condition(
                            pipeline.manager(), List.of(prompt), List.of(), pipeline.defaultSize())
                    .positive();
            return pipeline.denoise(x, new double[] {TIME}, conditioning).toFloatArray();
        }));
        return output[0];
    }

    /** log p(y | x0-hat(x)). */
    private static double likelihood(Pipeline base, Classifiers classifiers, float[] latents) {
        AlphaSigma at = base.schedule(32, 32).at(TIME);
        float[] said = output(base, latents, FREE);
        float[] clean = new float[said.length];
        for (int i = 0; i < clean.length; i++) {
            clean[i] = (float) ((latents[i] - at.sigma() * said[i]) / at.alpha());
        }
        double[] value = new double[1];
        Scope.run(() -> value[0] = Gradients.off(() -> {
            NDArray image = base.decode(base.manager().create(clean, new Shape(1, 4, 16, 16)));
            return (double) classifiers.logLikelihood(image, List.of(ASKING)).toFloatArray()[0];
        }));
        return value[0];
    }

    @Test
    void theOutputMovesByTheGradientOfTheEvidence() {
        Classifiers classifiers = new Classifiers(folder, List.of("classifier"), Map.of());
        try (Pipeline base = Tiny.checkpoint();
                Pipeline pipeline = guided(2)) {
            float[] latents = Kernels.randn(base.manager(), 3, new Shape(1024)).toFloatArray();
            float[] plain = output(base, latents, FREE);
            float[] moved = output(pipeline, latents, ASKING);
            double sigma = base.schedule(32, 32).at(TIME).sigma();
            double[] gradient = new double[plain.length];
            double norm = 0;
            for (int i = 0; i < plain.length; i++) {
                gradient[i] = -((double) moved[i] - plain[i]) / (2 * sigma); // an epsilon-prediction: o - sigma scale g
                norm += gradient[i] * gradient[i];
            }
            norm = Math.sqrt(norm);
            double step = 0.02;
            double slope = (likelihood(base, classifiers, along(latents, gradient, step / norm))
                            - likelihood(base, classifiers, along(latents, gradient, -step / norm)))
                    / (2 * step);
            assertThat(norm).isGreaterThan(1e-3);
            assertThat(slope).isCloseTo(norm, within(0.03 * norm));
        }
    }

    private static float[] along(float[] latents, double[] direction, double by) {
        float[] moved = latents.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) (by * direction[i]);
        }
        return moved;
    }

    @Test
    void aPromptWithoutClassIsNotGuided() {
        try (Pipeline base = Tiny.checkpoint();
                Pipeline pipeline = guided(2)) {
            float[] latents = Kernels.randn(base.manager(), 3, new Shape(1024)).toFloatArray();
            assertThat(output(pipeline, latents, FREE)).isEqualTo(output(base, latents, FREE));
        }
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> guided(0)).hasMessageContaining("scale must be above 0");
        ClassifierGuidance guidance = new ClassifierGuidance(
                new ClassifierGuidance.Config(List.of("classifier"), Map.of(), 1), Tiny.context(folder));
        assertThatThrownBy(() -> guidance.ask(FREE, Map.of("hue", "1"))).hasMessageContaining("no control named hue");
        assertThat(guidance.prompts(List.of(FREE)).stream().map(Prompt::id))
                .containsExactly("p/shade=0", "p/shade=1", "p/shade=2");
    }
}
