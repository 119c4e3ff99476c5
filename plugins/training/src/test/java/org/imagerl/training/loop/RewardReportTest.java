package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.imagerl.spi.Prompt;
import org.junit.jupiter.api.Test;

class RewardReportTest {
    private static final Prompt A = Prompt.of("a", "one");
    private static final Prompt B = Prompt.of("b", "another");
    private static final Prompt C = Prompt.of("c", "a third");

    /** The images of A differ, those of B are equal, of C one has no score and the other is alone. */
    @Test
    void aPromptTeachesIfItsImagesDoNotAllScoreAlike() {
        List<Prompt> prompts = List.of(A, B, A, B, C, C);
        assertThat(RewardReport.withSignal(prompts, 0, 1, 0.5, 1, 0.3, Double.NaN))
                .isCloseTo(1.0 / 3, within(1e-12));
        assertThat(RewardReport.withSignal(prompts, 0, 1, 0, 1, 0.3, 0.3)).isZero();
    }
}
