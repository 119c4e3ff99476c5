package org.imagerl.latent.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.images.text.TargetText;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.DifferentiableReward;
import org.imagerl.testkit.DifferentiableRewardContract;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;

class TextLikelihoodRewardTest extends DifferentiableRewardContract {

    @Override
    protected DifferentiableReward create() {
        return new TextLikelihoodReward(
                new TextLikelihoodReward.Config(TextLikelihoodReward.Models.PP_OCR_V3, TargetText.Quotes.AUTO),
                new Context(Path.of(""), "cpu", 1, warning -> {}));
    }

    private static Prompt saying(String text) {
        return Prompt.of("p", "a sign that says \"" + text + "\"");
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(TestImages.text(64, 32, "402"), saying("472")),
                new Example(TestImages.text(64, 32, "17"), saying("717")),
                new Example(TestImages.gradient(80, 32), saying("5 A")));
    }

    @Test
    void theTextThatIsThereIsTheLikeliest() {
        List<Score> scores = reward().score(
                        List.of(
                                TestImages.text(64, 32, "472"),
                                TestImages.text(64, 32, "402"),
                                TestImages.gradient(64, 32)),
                        List.of(saying("472"), saying("472"), saying("472")));
        assertThat(scores.get(0).value()).isBetween(-0.1, 0.0);
        assertThat(scores.get(1).value()).isLessThan(scores.get(0).value() - 1);
        assertThat(scores.get(2).value()).isLessThan(scores.get(0).value() - 1);
    }

    @Test
    void aTextThatCannotBeReadIsRefused() {
        Reward reward = reward();
        assertThatThrownBy(() -> reward.check(saying("na\u00efve")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("\u00ef")
                .hasMessageContaining("leave that letter out");
        Score score = reward.score(List.of(TestImages.text(64, 32, "472")), List.of(saying("0011223344556677")))
                .get(0);
        assertThat(score.error()).contains("needs 24 steps").contains("wider images");
    }
}
