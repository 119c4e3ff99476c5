package org.imagerl.ctrl.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.Brightness;
import org.imagerl.ctrl.Tiny;
import org.imagerl.ctrl.control.Control;
import org.imagerl.ctrl.data.LabelledImages;
import org.imagerl.ctrl.data.Labels;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.PretrainingContract;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifierTrainingTest {
    @TempDir
    private static Path shared;

    private static Path trained;

    @BeforeAll
    static void train() {
        trained = TinyClassifier.train(shared, 16, 12);
    }

    static Prompt asking(int klass) {
        return new Prompt("p", "", Map.of("shade", Integer.toString(klass)));
    }

    private static LikelihoodReward reward() {
        return new LikelihoodReward(
                new LikelihoodReward.Config("classifier", false), Tiny.context(trained.resolveSibling(".")));
    }

    @Test
    void aScoreIsMultipliedByTheStrengthOfThePromptIfThatIsAskedFor() {
        Prompt twice = new Prompt("p", "", Map.of("shade", "0", "control_strength", "2"));
        List<RgbImage> image = List.of(Tiny.image(16, 16, 100, 3));
        try (LikelihoodReward plain = reward();
                LikelihoodReward weighed = new LikelihoodReward(
                        new LikelihoodReward.Config("classifier", true), Tiny.context(trained.resolveSibling(".")))) {
            double once = plain.score(image, List.of(twice)).get(0).value();
            assertThat(once).isNegative();
            assertThat(weighed.score(image, List.of(twice)).get(0).value()).isEqualTo(2 * once);
            assertThat(weighed.score(image, List.of(asking(0))).get(0).value()).isEqualTo(once);
            Prompt bad = new Prompt("p", "", Map.of("shade", "0", "control_strength", "0"));
            assertThatThrownBy(() -> weighed.check(bad)).hasMessageContaining("above 0");
        }
    }

    @Test
    void itTellsImagesApartThatItHasNeverSeen() {
        try (LikelihoodReward reward = reward()) {
            for (int k = 0; k < 3; k++) {
                for (int asked = 0; asked < 3; asked++) {
                    Score score = reward.score(
                                    List.of(Tiny.image(16, 16, TinyClassifier.level(k), 7777)), List.of(asking(asked)))
                            .get(0);
                    assertThat(score.value() > Math.log(0.5))
                            .as("class %d asked for %d: %s", k, asked, score.value())
                            .isEqualTo(k == asked);
                    assertThat(score.details()).containsEntry("shade", Integer.toString(k));
                }
            }
        }
    }

    @Test
    void theReportHasBalanceConfusionAndCalibration() throws IOException {
        assertThat(Files.readString(trained.resolve("report.txt")))
                .contains("shade: class 0 32, class 1 32, class 2 32")
                .contains("72 images to train on, 24 held out")
                .contains("macro-F1")
                .contains("calibration error")
                .contains("is \\ taken");
    }

    /** One network, a head for each; the log-likelihood of a product of classes is the sum. */
    @Test
    void severalControlsAreLearnedAtOnce(@TempDir Path folder) {
        TinyClassifier.draw(folder, 16);
        Labels light = new Labels.Scored("light", Brightness.REWARD, List.of(128.0));
        Labels shade = new Labels.Scored("shade", Brightness.REWARD, List.of(95.0, 160.0));
        LabelledImages.Source source = new LabelledImages.Source("images-all", List.of(light, shade), 1, 16, 16);
        ClassifierConfig config =
                new ClassifierConfig(source, 1, 8, null, InputTransform.PIXELS, null, 0.25, 6, 6, 16, 1e-2, 0);
        new ClassifierTraining(config, Tiny.context(folder)).run(folder, (stage, done, total, detail) -> {});
        assertThat(ClassifierFolder.read(folder).controls())
                .containsExactly(new Control("light", 2), new Control("shade", 3));
        try (LikelihoodReward reward =
                new LikelihoodReward(new LikelihoodReward.Config(".", false), Tiny.context(folder))) {
            List<RgbImage> dark = List.of(Tiny.image(16, 16, 50, 7));
            double both = score(reward, dark, Map.of("light", "0", "shade", "0"));
            assertThat(both).isGreaterThan(score(reward, dark, Map.of("light", "1", "shade", "0")));
            assertThat(both).isGreaterThan(score(reward, dark, Map.of("light", "0", "shade", "2")));
            double sum = 0; // of the joint probability of all products
            for (int a = 0; a < 2; a++) {
                for (int b = 0; b < 3; b++) {
                    sum += Math.exp(score(reward, dark, Map.of("light", "" + a, "shade", "" + b)));
                }
            }
            assertThat(sum).isCloseTo(1, within(1e-5));
        }
    }

    private static double score(LikelihoodReward reward, List<RgbImage> images, Map<String, String> classes) {
        return reward.score(images, List.of(new Prompt("p", "", classes)))
                .get(0)
                .value();
    }

    @Nested
    class Contract extends PretrainingContract {
        @Override
        protected Pretraining create(Path place) {
            TinyClassifier.draw(place, 16);
            return new ClassifierTraining(TinyClassifier.config(16, 2), Tiny.context(place));
        }

        @Override
        protected String last() {
            return "classifier.json";
        }
    }

    @Test
    void otherImagesOrLabelsAreNoticedAndNoneAreNeededAtTheEnd(@TempDir Path folder) throws IOException {
        TinyClassifier.train(folder, 16, 1);
        Path more = folder.resolve("images/0/more.png");
        Tiny.write(more, 16, 16, 60, 1);
        assertThatThrownBy(() -> TinyClassifier.train(folder, 16, 1))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("data.sha256: the training was begun with other images or labels");
        Files.delete(more);
        TinyClassifier.train(folder, 16, 1);
        Files.move(folder.resolve("images"), folder.resolve("elsewhere"));
        new ClassifierTraining(TinyClassifier.config(16, 1), Tiny.context(folder))
                .run(folder.resolve("classifier"), (stage, done, total, detail) -> {});
        assertThatThrownBy(() -> new ClassifierTraining(TinyClassifier.config(16, 1), Tiny.context(folder))
                        .run(folder.resolve("another"), (stage, done, total, detail) -> {}))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("there is no such folder of images");
    }

    @Test
    void whatDoesNotFitIsRefused(@TempDir Path folder) throws IOException {
        try (LikelihoodReward reward = reward()) {
            assertThatThrownBy(() -> reward.check(Prompt.of("p", "")))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("names no class of the control shade");
            assertThatThrownBy(() -> reward.check(asking(3))).hasMessageContaining("0 to 2");
            Prompt ofFour = new Prompt("p", "", Map.of("shade", "1", "shade_classes", "4"));
            assertThatThrownBy(() -> reward.check(ofFour)).hasMessageContaining("must be of the same classes");
            Score score = reward.score(List.of(Tiny.image(8, 8, 9, 1)), List.of(asking(0)))
                    .get(0);
            assertThat(score.error()).contains("8 x 8").contains("16 x 16");
        }
        assertThatThrownBy(() -> ClassifierFolder.read(folder)).hasMessageContaining("classifier.json");
        Files.writeString(folder.resolve("classifier.json"), "{\"format\": \"other\"}");
        assertThatThrownBy(() -> ClassifierFolder.read(folder)).hasMessageContaining("imagerl-classifier-1");
        assertThatThrownBy(() -> new Classifiers(folder, List.of(), Map.of())).hasMessageContaining("at least one");
        String twice = trained.toString();
        assertThatThrownBy(() -> new Classifiers(folder, List.of(twice, twice), Map.of()))
                .hasMessageContaining("two of them are for the control shade");
    }
}
