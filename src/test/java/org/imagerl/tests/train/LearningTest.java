package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.host.report.MetricsLog;
import org.imagerl.tests.Paths;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reward that is trained rises on fixed pictures, and so does the opposite one: it is no drift of the weights. */
class LearningTest {

    @TempDir
    Path scratch;

    @ParameterizedTest
    @ValueSource(strings = {"jpeg-compressibility", "jpeg-incompressibility"})
    void trainingRaisesItsReward(String reward) {
        TinyRun run = new TinyRun(
                scratch,
                "checkpoint=" + Paths.words(),
                "rewards=[" + reward + "]",
                "epochs=8",
                "tuning.rank=16",
                "tuning.alpha=16",
                "rollout={steps: 4, guidance: 1.0, prompts_per_epoch: 2, samples_per_prompt: 16, batch_size: 32}",
                "algorithm.trust_region={type: clip, range: 3.0e-3}",
                "algorithm.trained_steps={type: fixed, steps: [1, 2]}",
                "optimiser={learning_rate: 3.0e-3, updates_per_epoch: 2, micro_batch: 16}",
                "evaluation.samples_per_prompt=16",
                "run.evaluate_every=8");
        run.start();
        List<MetricsLog.Row> rows = TrainingTest.rows(run);
        double before = rows.get(0).values().get("evaluation_reward_mean");
        double after = rows.get(8).values().get("evaluation_reward_mean");
        System.out.println("XX " + reward + " " + before + " " + after);
        assertThat(after).as("kB a picture").isGreaterThan(before + 0.02);
    }
}
