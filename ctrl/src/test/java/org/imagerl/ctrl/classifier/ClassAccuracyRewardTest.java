package org.imagerl.ctrl.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.Brightness;
import org.imagerl.ctrl.Tiny;
import org.imagerl.ctrl.data.Labels;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.testkit.RewardContract;
import org.junit.jupiter.api.Test;

class ClassAccuracyRewardTest extends RewardContract {
    private static final Labels HALVES = new Labels.Scored("half", Brightness.REWARD, List.of(128.0));
    private static final Labels THIRDS = new Labels.Scored("third", Brightness.REWARD, List.of(85.0, 170.0));

    @Override
    protected Reward create() {
        return reward(HALVES, THIRDS);
    }

    private static Reward reward(Labels... labels) {
        return new ClassAccuracyReward(new ClassAccuracyReward.Config(List.of(labels)), Tiny.context(Path.of(".")));
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(flat(10), asking(0, 0)),
                new Example(flat(100), asking(0, 2)),
                new Example(flat(200), asking(1, 2)));
    }

    private static RgbImage flat(int level) {
        return new RgbImage(1, 1, new byte[] {(byte) level, (byte) level, (byte) level});
    }

    private static Prompt asking(int half, int third) {
        return new Prompt("1", "the cat", Map.of("half", Integer.toString(half), "third", Integer.toString(third)));
    }

    @Test
    void aImageCountsOnlyIfItIsRightInEveryControl() {
        List<Score> scores = reward().score(
                        List.of(flat(100), flat(100), flat(100)), List.of(asking(0, 1), asking(0, 2), asking(1, 1)));
        assertThat(scores).extracting(Score::value).containsExactly(1.0, 0.0, 0.0);
        assertThat(scores.get(0).details())
                .containsEntry("half", "0")
                .containsEntry("third", "1")
                .containsEntry("third.score", "100.0");
    }

    @Test
    void theSummaryIsOfTheProductOfClassesAndOfEachControl() {
        // asked (0,0), (0,1), (1,1), (1,2); found (0,0), (0,0), (1,1), (0,1)
        List<Prompt> prompts = List.of(asking(0, 0), asking(0, 1), asking(1, 1), asking(1, 2), asking(1, 2));
        List<Score> scores = new ArrayList<>(
                reward().score(List.of(flat(10), flat(20), flat(150), flat(100)), prompts.subList(0, 4)));
        scores.add(Score.failed("not an image"));
        // (0,0): precision 1/2, recall 1; (1,1): both 1; (0,1) and (1,2): never right; of six
        assertThat(reward().summary(scores, prompts))
                .containsOnlyKeys("macro_f1", "accuracy_half", "accuracy_third")
                .containsEntry("accuracy_half", 0.75)
                .containsEntry("accuracy_third", 0.5)
                .hasEntrySatisfying("macro_f1", f1 -> assertThat(f1).isCloseTo((2 / 3.0 + 1) / 6, within(1e-12)));
        assertThat(reward().summary(List.of(Score.failed("none")), List.of(asking(0, 0))))
                .isEmpty();
    }

    @Test
    void ofOneControlThereIsNothingBesideF1() {
        try (Reward one = reward(HALVES)) {
            List<Prompt> prompts = List.of(asking(0, 0), asking(1, 0));
            List<Score> scores = one.score(List.of(flat(10), flat(200)), prompts);
            assertThat(one.summary(scores, prompts)).isEqualTo(Map.of("macro_f1", 1.0));
        }
    }

    @Test
    void labelsThatNoScoreGivesAndTwoOfOneNameAreRefused() {
        assertThatThrownBy(() -> reward(HALVES, new Labels.Table("labels.csv", "hue", 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be of the type scored");
        assertThatThrownBy(() -> reward(HALVES, HALVES)).hasMessageContaining("different names");
        assertThatThrownBy(() -> reward(new Labels[0])).hasMessageContaining("1 to 32");
    }
}
