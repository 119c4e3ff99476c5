package org.imagerl.ctrl.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.ctrl.Tiny;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlyStopTest {
    @TempDir
    private Path folder;

    @Test
    void theLowestLossIsRememberedAndWhatCameSinceIsCounted() {
        EarlyStop stop = EarlyStop.read(folder.resolve("none.json"));
        assertThat(stop.sinceBest()).isZero();
        stop = stop.after(1.5).after(1.0).after(1.0).after(1.2);
        assertThat(stop).isEqualTo(new EarlyStop(4, 2, 1.0));
        assertThat(stop.sinceBest()).isEqualTo(2);
    }

    @Test
    void itComesBackFromItsFile() {
        Path file = folder.resolve("training.json");
        EarlyStop stop = EarlyStop.read(file).after(0.1 + 0.2);
        stop.write(file);
        assertThat(EarlyStop.read(file)).isEqualTo(stop);
        EarlyStop never = new EarlyStop(1, 0, Double.POSITIVE_INFINITY);
        never.write(file);
        assertThat(EarlyStop.read(file)).isEqualTo(never);
    }

    @Test
    void aFileOfSomethingElseIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("training.json"), "{\"epoch\": -1}");
        assertThatThrownBy(() -> EarlyStop.read(file)).isInstanceOf(UserException.class);
    }

    /** With a learning rate that ruins the network the first epochs stay the best. */
    @Test
    void trainingStopsWhenPatienceIsAtItsEnd() throws IOException {
        TinyClassifier.draw(folder, 8);
        ClassifierConfig usual = TinyClassifier.config(8, 30);
        ClassifierConfig ruinous =
                new ClassifierConfig(usual.data(), 1, 8, null, Input.PIXELS, null, 0.25, 30, 2, 16, 30, 0);
        Path target = Files.createDirectories(folder.resolve("classifier"));
        new ClassifierTraining(ruinous, Tiny.context(folder)).run(target, (stage, done, total, detail) -> {});
        EarlyStop stop = EarlyStop.read(target.resolve("training.json"));
        assertThat(stop.sinceBest()).isEqualTo(2);
        assertThat(stop.epoch()).isLessThan(30);
        assertThat(target.resolve("classifier.json")).exists();
    }
}
