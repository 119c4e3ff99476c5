package org.imagerl.ctrl.classifier;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.imagerl.ctrl.Tiny;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.DifferentiableReward;
import org.imagerl.testkit.DifferentiableRewardContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LikelihoodRewardTest extends DifferentiableRewardContract {

    @TempDir
    private static Path folder;

    @Override
    protected DifferentiableReward create() {
        return create(false);
    }

    private static LikelihoodReward create(boolean timesGamma) {
        if (!Files.exists(folder.resolve("classifier"))) {
            TinyClassifier.train(folder, 8, 1);
        }
        return new LikelihoodReward(new LikelihoodReward.Config("classifier", timesGamma), Tiny.context(folder));
    }

    private static Prompt withScale(String gamma) {
        return new Prompt("p", "", Map.of("shade", "1", "control_strength", gamma));
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refusal(
            Reward reward, Prompt prompt, double weight, boolean ranked) {
        return assertThatThrownBy(() -> reward.checkTrained(prompt, weight, ranked))
                .isInstanceOf(UserException.class);
    }

    @Test
    void whereItIsTrainedOnItsWeightIsGamma() {
        try (Reward reward = create(false)) {
            Prompt free = ClassifierTrainingTest.asking(1);
            reward.checkTrained(free, 0.5, false);
            for (double weight : List.of(0.0, -1.0, Double.NaN)) {
                refusal(reward, free, weight, false).hasMessageContaining("must be above 0, not " + weight);
            }
            refusal(reward, free, 1, true).hasMessageContaining("leave rank out");
        }
    }

    @Test
    void whereAStrengthIsToldTheScoreIsMultipliedByItAndByNothingElse() {
        try (Reward plain = create(false);
                Reward weighed = create(true)) {
            weighed.checkTrained(withScale("2"), 1, false);
            weighed.checkTrained(ClassifierTrainingTest.asking(1), 4, false); // conditioned on none, so that gamma is 4
            refusal(plain, withScale("2"), 1, false)
                    .hasMessageContaining("prompt p says control_strength 2")
                    .hasMessageContaining("times_gamma: true");
            refusal(weighed, withScale("2"), 4, false)
                    .hasMessageContaining("the weight 4.0 multiplies it")
                    .hasMessageContaining("make the weight 1");
        }
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(Tiny.image(8, 8, 20, 1), ClassifierTrainingTest.asking(0)),
                new Example(Tiny.image(8, 8, 120, 2), ClassifierTrainingTest.asking(1)),
                new Example(Tiny.image(8, 8, 220, 3), ClassifierTrainingTest.asking(0)));
    }
}
