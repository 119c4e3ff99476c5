package org.imagerl.ctrl.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.ctrl.OpenControl;
import org.imagerl.ctrl.Tiny;
import org.imagerl.ctrl.data.LabelledPictures;
import org.imagerl.ctrl.data.Labels;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisedObjectiveTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void draw() throws IOException {
        for (int k = 0; k < 3; k++) {
            Path of = Files.createDirectories(folder.resolve("pictures/" + k));
            for (int i = 0; i < 4; i++) {
                Tiny.write(of.resolve(i + ".png"), 32, 32, 60 + 60 * k, i);
            }
        }
    }

    private SupervisedObjective objective(String control, int size, double dropout) {
        LabelledPictures.Source source =
                new LabelledPictures.Source("pictures", List.of(new Labels.Folders(control)), 1, size, size);
        return new SupervisedObjective(new SupervisedObjective.Config(source, 1, dropout, 4), Tiny.context(folder));
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
        }
        try (OpenControl open = new OpenControl(false, 0)) {
            Map<String, float[]> gradients = open.gradients(objective("shade", 32, 0.999_999));
            assertThat(norm(gradients.get("control.shade.weight"))).isZero();
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
                    .hasMessageContaining("asks for no class of the control hue");
        }
        assertThatThrownBy(() -> objective("shade", 32, 1)).hasMessageContaining("dropout");
    }
}
