package org.imagerl.ctrl.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.imagerl.ctrl.OpenControl;
import org.imagerl.ctrl.Tiny;
import org.imagerl.ctrl.data.LabelledImages;
import org.imagerl.ctrl.data.Labels;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Context;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisedObjectiveTest {
    @TempDir
    private Path folder;

    private final List<String> warnings = new ArrayList<>();

    @BeforeEach
    void draw() throws IOException {
        for (int k = 0; k < 3; k++) {
            Path of = Files.createDirectories(folder.resolve("images/" + k));
            for (int i = 0; i < 4; i++) {
                Tiny.write(of.resolve(i + ".png"), 32, 32, 60 + 60 * k, i);
            }
        }
    }

    private SupervisedObjective objective(String control, int size, double dropout) {
        LabelledImages.Source source =
                new LabelledImages.Source("images", List.of(new Labels.Folders(control)), 1, size, size);
        Context context = new Context(folder, "cpu", 1, warnings::add);
        return new SupervisedObjective(new SupervisedObjective.Config(source, 1, dropout, 4), context);
    }

    private static double norm(float... gradient) {
        return Math.sqrt(IntStream.range(0, gradient.length)
                .mapToDouble(i -> gradient[i] * (double) gradient[i])
                .sum());
    }

    @Test
    void classesReachTheEmbeddingsUnlessAllAreDropped() {
        try (OpenControl open = new OpenControl(false, 0)) {
            Map<String, float[]> gradients = open.gradients(objective("shade", 32, 0));
            assertThat(norm(gradients.get("control.shade.weight"))).isGreaterThan(1e-4);
            assertThat(warnings).anyMatch(line -> line.contains("12 of 12 labelled images have no prompt"));
        }
        try (OpenControl open = new OpenControl(false, 0)) {
            Map<String, float[]> gradients = open.gradients(objective("shade", 32, 0.999_999));
            assertThat(norm(gradients.get("control.shade.weight"))).isZero();
        }
    }

    /** Notes what the objective asks of a checkpoint after it gave it latents of images, and what it was answered. */
    private record Overheard(Policy policy, List<float[]> said, List<double[]> times) implements Policy {
        private static float[] values(NDArray array) {
            return Gradients.off(() -> array.stopGradient().toFloatArray());
        }

        @Override
        public NDArray latents(NDArray images) {
            NDArray clean = policy.latents(images);
            said.add(values(clean));
            return clean;
        }

        @Override
        public NDArray output(WeightSet weights, NDArray latents, double[] timesteps, Trajectories batch) {
            NDArray output = policy.output(weights, latents, timesteps, batch);
            if (said.size() == 1) {
                said.addAll(List.of(values(latents), values(output)));
                times.add(timesteps);
            }
            return output;
        }

        @Override
        public Schedule schedule() {
            return policy.schedule();
        }

        @Override
        public <T> T with(WeightSet weights, Supplier<T> body) {
            return policy.with(weights, body);
        }

        @Override
        public Conditioning encode(List<Prompt> prompts) {
            return policy.encode(prompts);
        }
    }

    @Test
    void theLossIsTheSquaredErrorOfThePredictedNoise() {
        try (OpenControl open = new OpenControl(false, 0.05)) {
            Overheard overheard = new Overheard(open.policy(), new ArrayList<>(), new ArrayList<>());
            double loss = open.add(objective("shade", 32, 0.1), overheard).get("matching_loss");
            float[] clean = overheard.said.get(0);
            float[] noisy = overheard.said.get(1);
            float[] output = overheard.said.get(2);
            double[] times = overheard.times.get(0);
            assertThat(times).hasSize(8).doesNotHaveDuplicates(); // four for each of two images
            double error = 0;
            double power = 0;
            for (int i = 0; i < clean.length; i++) {
                AlphaSigma at = open.policy().schedule().at(times[i * times.length / clean.length]);
                double noise = (noisy[i] - at.alpha() * clean[i]) / at.sigma();
                error += Math.pow(output[i] - noise, 2) / clean.length;
                power += Math.pow(noise, 2) / clean.length;
            }
            assertThat(power).as("of standard normal noise").isCloseTo(1, within(4 * Math.sqrt(2.0 / clean.length)));
            assertThat(loss).isCloseTo(error, within(1e-4 * error));
        }
    }

    @Test
    void checkpointingChangesNothing() {
        float[] kept;
        try (OpenControl open = new OpenControl(false, 0.05)) {
            kept = open.gradients(objective("shade", 32, 0.1)).get("control.shade.weight");
        }
        try (OpenControl open = new OpenControl(true, 0.05)) {
            float[] again = open.gradients(objective("shade", 32, 0.1)).get("control.shade.weight");
            float[] difference = new float[kept.length];
            for (int i = 0; i < kept.length; i++) {
                difference[i] = again[i] - kept[i];
            }
            assertThat(norm(difference)).isLessThan(1e-4 * norm(kept));
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        try (OpenControl open = new OpenControl(false, 0)) {
            assertThatThrownBy(() -> open.add(objective("shade", 16, 0)))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("is 32 x 32, expected 16 x 16");
            assertThatThrownBy(() -> open.add(objective("hue", 32, 0)))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("names no class of the control hue");
        }
        assertThatThrownBy(() -> objective("shade", 32, 1)).hasMessageContaining("dropout");
        Prompt strong = new Prompt("p", "", Map.of("control_strength", "2"));
        assertThatThrownBy(() -> objective("shade", 32, 0).check(strong)).hasMessageContaining("teach no gamma");
    }
}
