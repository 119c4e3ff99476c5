package org.imagerl.ctrl.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.MeanColour;
import org.imagerl.ctrl.Tiny;
import org.imagerl.spi.Context;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.RewardContract;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A classifier on the vectors of a frozen model, as a reward. */
class FrozenClassifierTest extends RewardContract {
    @TempDir
    private static Path shared;

    private static Context context(Path folder) {
        return new Context(folder, "cpu", 1, line -> {}, MeanColour.PARTS, List.of());
    }

    private static ClassifierConfig config() {
        ClassifierConfig usual = TinyClassifier.config(8, 40);
        return new ClassifierConfig(
                usual.data(), 1, null, null, InputTransform.PIXELS, MeanColour.FEATURES, 0.25, 40, 40, 16, 5e-2, 0);
    }

    private static Path train(Path folder, Progress progress) {
        try {
            Files.writeString(folder.resolve("features.txt"), "as they were");
            TinyClassifier.draw(folder, 8);
            Path target = Files.createDirectories(folder.resolve("runs/classifier"));
            new ClassifierTraining(config(), context(folder)).run(target, progress);
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The shared classifier and what it stands on, to be damaged. */
    private static Path copyOfTheTrainedOne(Path folder) throws IOException {
        Path target = Files.createDirectories(folder.resolve("runs/classifier"));
        for (String name :
                List.of("features.txt", "runs/classifier/classifier.json", "runs/classifier/classifier.safetensors")) {
            Files.copy(shared.resolve(name), folder.resolve(name));
        }
        return target;
    }

    private static LikelihoodReward open(Path folder) {
        return new LikelihoodReward(new LikelihoodReward.Config("runs/classifier", false), context(folder));
    }

    @Override
    protected Reward create() {
        if (!Files.exists(shared.resolve("runs"))) {
            train(shared, (stage, done, total, detail) -> {});
        }
        return open(shared);
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(Tiny.image(8, 8, 60, 1), ClassifierTrainingTest.asking(0)),
                new Example(Tiny.image(8, 8, 120, 2), ClassifierTrainingTest.asking(1)),
                new Example(Tiny.image(8, 8, 100, 3), ClassifierTrainingTest.asking(0)));
    }

    @Test
    void itTellsImagesApartThatItHasNeverSeen() throws IOException {
        for (int k = 0; k < 3; k++) {
            RgbImage unseen = Tiny.image(8, 8, TinyClassifier.level(k), 7777);
            for (int asked = 0; asked < 3; asked++) {
                Score score = reward().score(List.of(unseen), List.of(ClassifierTrainingTest.asking(asked)))
                        .get(0);
                assertThat(score.value() > Math.log(0.5))
                        .as("class %d asked for %d: %s", k, asked, score.value())
                        .isEqualTo(k == asked);
            }
        }
        assertThat(reward().files()).contains(shared.resolve("features.txt"));
        assertThat(Files.readString(shared.resolve("runs/classifier/report.txt")))
                .contains("macro-F1");
    }

    /** Trained on vectors of mean 0 and deviation 1, written for vectors as they are. */
    @Test
    void theManifestNamesTheFeaturesAndTheLayersTakeThemAsTheyAre() throws IOException {
        Path classifier = shared.resolve("runs/classifier");
        assertThat(Files.readString(classifier.resolve("classifier.json")))
                .contains("mean-colour")
                .contains("\"base\" : \"../..\"")
                .contains("\"../../features.txt\"")
                .doesNotContain("channels");
        float[] weight;
        float[] bias;
        try (SafetensorsFile file = SafetensorsFile.open(classifier.resolve("classifier.safetensors"))) {
            weight = file.floats("heads.shade.weight");
            bias = file.floats("heads.shade.bias");
        }
        RgbImage image = Tiny.image(8, 8, 90, 5);
        float[] vector = new MeanColour(shared).of(List.of(image))[0];
        double temperature = ClassifierFolder.read(classifier).temperatures().get("shade");
        double[] logits = new double[3];
        double sum = 0;
        for (int k = 0; k < 3; k++) {
            logits[k] = bias[k];
            for (int j = 0; j < 4; j++) {
                logits[k] += weight[4 * k + j] * vector[j];
            }
            sum += Math.exp(logits[k] / temperature);
        }
        double expected = logits[1] / temperature - Math.log(sum);
        Score score = reward().score(List.of(image), List.of(ClassifierTrainingTest.asking(1)))
                .get(0);
        assertThat(score.value()).isCloseTo(expected, within(1e-3));
    }

    @Test
    void anInterruptedTrainingEndsAsAWholeOne(@TempDir Path folder) throws IOException {
        int[] epochs = new int[1];
        Progress stopping = new Progress() {
            @Override
            public void update(String stage, long done, long total, String detail) {
                epochs[0] = stage.equals("classifier") ? (int) done : 0;
            }

            @Override
            public boolean stopped() {
                return epochs[0] == 3;
            }
        };
        Path target = train(folder, stopping);
        assertThat(target.resolve("classifier.json")).doesNotExist();
        Files.writeString(folder.resolve("features.txt"), "another model");
        assertThatThrownBy(() -> new ClassifierTraining(config(), context(folder))
                        .run(target, (stage, done, total, detail) -> {}))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("features.json: the training was begun on features of other files");
        Files.writeString(folder.resolve("features.txt"), "as they were");
        new ClassifierTraining(config(), context(folder)).run(target, (stage, done, total, detail) -> {});
        assertThat(Files.mismatch(
                        target.resolve("classifier.safetensors"),
                        shared.resolve("runs/classifier/classifier.safetensors")))
                .isEqualTo(-1);
    }

    @Test
    void stoppedWhileVectorsAreMadeNothingIsWritten(@TempDir Path folder) throws IOException {
        Progress atOnce = new Progress() {
            @Override
            public void update(String stage, long done, long total, String detail) {
                assertThat(stage).isEqualTo("features");
            }

            @Override
            public boolean stopped() {
                return true;
            }
        };
        assertThat(train(folder, atOnce)).isEmptyDirectory();
    }

    @Test
    void anotherModelIsRefused(@TempDir Path folder) throws IOException {
        copyOfTheTrainedOne(folder);
        open(folder).close();
        Files.writeString(folder.resolve("features.txt"), "changed");
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("features.txt: is not the file")
                .hasMessageContaining("train the classifier again");
        Files.delete(folder.resolve("features.txt"));
        assertThatThrownBy(() -> open(folder)).isInstanceOf(UserException.class).hasMessageContaining("no such file");
    }

    @Test
    void whatNeedsAGradientRefusesIt() {
        assertThatThrownBy(() -> new Classifiers(shared, List.of("runs/classifier"), Map.of()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("have no gradient")
                .hasMessageContaining("ctrl-pg")
                .hasMessageContaining("channels in the place of features");
    }

    @Test
    void eitherChannelsOrFeaturesAreGiven() {
        ClassifierConfig usual = TinyClassifier.config(8, 1);
        assertThatThrownBy(() -> new ClassifierConfig(
                        usual.data(), 1, 8, null, InputTransform.PIXELS, MeanColour.FEATURES, 0.25, 1, 1, 16, 1e-2, 0))
                .hasMessageContaining("either channels or features");
        assertThatThrownBy(() -> new ClassifierConfig(
                        usual.data(), 1, null, null, InputTransform.PIXELS, null, 0.25, 1, 1, 16, 1e-2, 0))
                .hasMessageContaining("either channels or features");
        assertThatThrownBy(() -> new ClassifierConfig(
                        usual.data(), 1, null, null, InputTransform.JPEG, MeanColour.FEATURES, 0.25, 1, 1, 16, 1e-2, 0))
                .hasMessageContaining("not of features");
    }

    @Test
    void aManifestWithoutWhatItNamesIsRefused(@TempDir Path folder) throws IOException {
        Path classifier = copyOfTheTrainedOne(folder);
        Path manifest = classifier.resolve("classifier.json");
        String text = Files.readString(manifest);
        Files.writeString(manifest, text.replace("\"width\" : 4", "\"width\" : 0"));
        assertThatThrownBy(() -> open(folder)).hasMessageContaining("expected settings, base, width and sha256");
        Files.writeString(manifest, text.replace("\"width\" : 4", "\"width\" : 5"));
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("have 4 numbers of an image, the classifier was trained on 5");
        for (String key : List.of("base", "sha256")) {
            Files.writeString(manifest, text.replace("\"" + key + "\"", "\"other\""));
            assertThatThrownBy(() -> open(folder)).hasMessageContaining("expected settings, base, width and sha256");
        }
        Files.writeString(manifest, text.replace("\"../..\"", "\"\\u0000\""));
        assertThatThrownBy(() -> open(folder)).isInstanceOf(UserException.class).hasMessageContaining("no path here");
    }

    @Test
    void weightsThatTheFileCannotHoldAreNotAllocated(@TempDir Path folder) throws IOException {
        Path manifest = copyOfTheTrainedOne(folder).resolve("classifier.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"classes\" : 3", "\"classes\" : 1000"));
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("declares weights of 20000");
    }

    @Test
    void hashesBindAllFilesAndNoOthersAreRead(@TempDir Path folder) throws IOException {
        Path manifest = copyOfTheTrainedOne(folder).resolve("classifier.json");
        String text = Files.readString(manifest);
        Files.writeString(manifest, text.replaceFirst("\"../../features.txt\" : \"[0-9a-f]+\"", ""));
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("trained without this file");
        String another = "\"../../nothing.txt\" : \"0\", \"../../features.txt\"";
        Files.writeString(manifest, text.replace("\"../../features.txt\"", another));
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("../../nothing.txt")
                .hasMessageContaining("trained with this file");
    }
}
