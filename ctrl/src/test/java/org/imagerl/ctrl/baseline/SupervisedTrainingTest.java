package org.imagerl.ctrl.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.ctrl.Tiny;
import org.imagerl.ctrl.control.ControlAugmentation;
import org.imagerl.ctrl.data.LabelledPictures;
import org.imagerl.ctrl.data.Labels;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Progress;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisedTrainingTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void draw() throws IOException {
        for (int k = 0; k < 2; k++) {
            Path of = Files.createDirectories(folder.resolve("pictures/" + k));
            for (int i = 0; i < 4; i++) {
                Tiny.write(of.resolve(i + ".png"), 32, 32, 60 + 120 * k, i);
            }
        }
    }

    private SupervisedTraining training(int size) {
        String checkpoint = System.getProperty("project.root") + "/src/test/resources/golden/pipelines/sd-tiny";
        LabelledPictures.Source source =
                new LabelledPictures.Source("pictures", List.of(new Labels.Folders("shade")), 1, size, size);
        return new SupervisedTraining(
                new SupervisedTraining.Config(checkpoint, source, 1, 2, 2, List.of("to_q"), 4, 2, 1e-2, 10, 0.2, 2),
                Tiny.context(folder));
    }

    @Test
    void aStoppedTrainingGoesOnToTheSameBitsAndItsAdapterLoads() throws IOException {
        Path whole = Files.createDirectories(folder.resolve("whole"));
        training(32).run(whole, (stage, done, total, detail) -> {});
        Path parts = Files.createDirectories(folder.resolve("parts"));
        training(32).run(parts, new Progress() {
            private int asked;

            @Override
            public void update(String stage, long done, long total, String detail) {}

            @Override
            public boolean stopped() {
                return ++asked > 3;
            }
        });
        assertThat(parts.resolve("control.safetensors")).doesNotExist();
        training(32).run(parts, (stage, done, total, detail) -> {});
        for (String name : List.of("control.safetensors", "pytorch_lora_weights.safetensors")) {
            assertThat(parts.resolve(name)).hasSameBinaryContentAs(whole.resolve(name));
        }
        try (Pipeline loaded = ControlAugmentation.of(whole).augment(Tiny.checkpoint())) {
            assertThat(loaded.summary()).containsEntry("controls", "shade in 2 classes");
        }
    }

    @Test
    void picturesOfAnotherSizeAreRefused() {
        assertThatThrownBy(() -> training(16).run(folder, (stage, done, total, detail) -> {}))
                .hasMessageContaining("is 32 x 32, expected 16 x 16");
    }
}
