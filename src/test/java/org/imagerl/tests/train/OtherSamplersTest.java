package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Map;
import org.imagerl.training.loop.Training;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rollouts and evaluations by samplers of other tools. */
class OtherSamplersTest {

    @Test
    void rolloutsByEulerAncestralAreTrainedAndEvaluationsUseASolverOfTheirOwn(@TempDir Path folder) {
        TinyRun run = new TinyRun(
                folder,
                "epochs=1",
                "rollout.dynamics=euler-a",
                "evaluation.dynamics={type: unipc, sigmas: karras}",
                "evaluation.steps=3");
        Training.Result result = run.start();
        assertThat(result.finished()).isTrue();
        assertThat(result.evaluatedBy()).isEqualTo("unipc, 3 steps");
        assertThat(result.after()).containsKey("evaluation_reward_mean");
        Map<String, Double> first = run.rows().get(1L);
        assertThat(first.get("ratio")).as("%s", first).isCloseTo(1, within(1e-6));
        assertThat(first.get("grad_norm")).as("%s", first).isPositive();
    }
}
