package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.imagerl.spi.UserException;
import org.imagerl.tests.Paths;
import org.imagerl.tests.Said;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is for images of 32 x 32 refuses a run that makes 64 x 32 before anything is written. */
class SizeTest {
    private static final String UNTRAINED = "{preset: ctrl, objective: {type: untrained}}";
    private static final String OTHER_REWARD = "rewards=[jpeg-compressibility]";
    private static final String[] CLASSIFIER = {
        "classifier: was trained on images of 32 x 32, not 64 x 32", "train a classifier on"
    };

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    @BeforeAll
    static void trainAClassifier() throws IOException {
        SmoothControl.trainAClassifier(shared);
    }

    private void requireRefusal(String[] message, String algorithm, String... more) throws IOException {
        String[] all = Arrays.copyOf(more, more.length + 1);
        all[more.length] = "rollout.width=64";
        TinyRun run = SmoothControl.run(shared, folder, algorithm, all);
        assertThatThrownBy(run::start).isInstanceOf(UserException.class).hasMessageContainingAll(message);
        assertThat(folder.resolve("runs")).doesNotExist();
    }

    @Test
    void theObjectiveThroughAClassifier() throws IOException {
        requireRefusal(CLASSIFIER, "{preset: ctrl, objective: {classifiers: [classifier]}}", OTHER_REWARD);
    }

    @Test
    void aReward() throws IOException {
        requireRefusal(CLASSIFIER, "ctrl-pg", "rollout.samples_per_prompt=2");
    }

    @Test
    void aRewardThatIsRanked() throws IOException {
        requireRefusal(
                CLASSIFIER, UNTRAINED, "rewards=[{type: control-likelihood, classifier: classifier, rank: true}]");
    }

    @Test
    void aRewardThatIsWatched() throws IOException {
        requireRefusal(
                CLASSIFIER,
                UNTRAINED,
                OTHER_REWARD,
                "evaluation_rewards=[{type: control-likelihood, classifier: classifier}]");
    }

    @Test
    void aRewardThatTellsTheClassOfAMatch() throws IOException {
        requireRefusal(
                CLASSIFIER,
                UNTRAINED,
                OTHER_REWARD,
                "evaluation_rewards=[{type: control-match, labels: [{type: scored, control: smooth, thresholds: [-1],"
                        + " reward: {type: control-likelihood, classifier: classifier}}]}]");
    }

    @Test
    void guidanceByAClassifier() throws IOException {
        requireRefusal(
                CLASSIFIER,
                UNTRAINED,
                OTHER_REWARD,
                "augmentation={type: classifier-guidance, classifiers: [classifier]}");
    }

    @Test
    void guidanceByAClassifierInSample() {
        Path out = folder.resolve("images");
        Said said = Said.by(
                "sample",
                "--checkpoint",
                Paths.tinyCheckpoint(),
                "--augmentation",
                "{type: classifier-guidance, classifiers: ['" + shared.resolve("classifier") + "']}",
                "--control",
                "smooth=1",
                "--prompt",
                "the cat",
                "--width",
                64,
                "--out",
                out);
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains(CLASSIFIER);
        assertThat(out).doesNotExist();
    }

    @Test
    void labelledImagesThatAreTrainedOn() throws IOException {
        String data = "{folder: '" + shared.resolve("images") + "', width: 32, height: 32, labels: [{type: scored,"
                + " control: smooth, reward: {type: jpeg-compressibility}, thresholds: [-1.5]}]}";
        requireRefusal(
                new String[] {
                    "algorithm.objective.data: its images are 32 x 32, but the run makes 64 x 32", "set data.width"
                },
                "{preset: ctrl, objective: {type: ctrl-supervised, data: " + data + "}}",
                OTHER_REWARD);
    }
}
