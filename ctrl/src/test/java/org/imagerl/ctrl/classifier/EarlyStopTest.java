package org.imagerl.ctrl.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.Tiny;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlyStopTest {
    @TempDir
    private Path folder;

    @Test
    void theLowestLossIsRememberedAndWhatCameSinceIsCounted() {
        EarlyStop stop = EarlyStop.BEGINNING;
        assertThat(stop.sinceBest()).isZero();
        stop = stop.after(1.5).after(1.0).after(1.0).after(1.2);
        assertThat(stop).isEqualTo(new EarlyStop(4, 2, 1.0));
        assertThat(stop.sinceBest()).isEqualTo(2);
    }

    @Test
    void itComesBackFromItsTexts() {
        EarlyStop stop = EarlyStop.BEGINNING.after(0.1 + 0.2);
        assertThat(EarlyStop.of(stop.texts())).isEqualTo(stop);
        EarlyStop never = new EarlyStop(1, 0, Double.POSITIVE_INFINITY);
        assertThat(EarlyStop.of(never.texts())).isEqualTo(never);
    }

    @Test
    void whatIsNoneIsRefused() {
        for (Map<String, String> texts : List.of(
                Map.<String, String>of(),
                Map.of("epoch", "-1", "best_epoch", "0", "best_loss", "1"),
                Map.of("epoch", "1", "best_epoch", "2", "best_loss", "1"),
                Map.of("epoch", "1", "best_epoch", "1", "best_loss", "low"))) {
            assertThatThrownBy(() -> EarlyStop.of(texts)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** With a learning rate that ruins the network the first epochs stay the best. */
    @Test
    void trainingStopsWhenPatienceIsAtItsEnd() throws IOException {
        TinyClassifier.draw(folder, 8);
        ClassifierConfig usual = TinyClassifier.config(8, 30);
        ClassifierConfig ruinous =
                new ClassifierConfig(usual.data(), 1, 8, null, InputTransform.PIXELS, null, 0.25, 30, 2, 16, 30, 0);
        Path target = Files.createDirectories(folder.resolve("classifier"));
        new ClassifierTraining(ruinous, Tiny.context(folder)).run(target, (stage, done, total, detail) -> {});
        EarlyStop stop;
        try (SafetensorsFile state = SafetensorsFile.open(target.resolve("training.safetensors"))) {
            stop = EarlyStop.of(state.metadata());
        }
        assertThat(stop.sinceBest()).isEqualTo(2);
        assertThat(stop.epoch()).isLessThan(30);
        assertThat(target.resolve("classifier.json")).exists();
    }
}
