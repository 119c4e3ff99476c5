package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.imagerl.spi.UserException;
import org.imagerl.tests.Paths;
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

    @Test
    void rolloutsBeginWithTheImagesThatPromptsName(@TempDir Path folder) throws IOException {
        TinyRun run = new TinyRun(
                folder,
                "epochs=1",
                "prompts=train.jsonl",
                "evaluation.prompts=train.jsonl",
                "rollout.steps=4",
                "rollout.strength=0.5");
        Files.copy(Paths.golden().resolve("calls/sd/image.png"), folder.resolve("one.png"));
        Files.copy(Paths.golden().resolve("calls/sd-karras/image.png"), folder.resolve("two.png"));
        String prompts = "{\"prompt\": \"the cat\", \"image\": \"one.png\"}\n{\"prompt\": \"the dog\"}\n";
        Files.writeString(folder.resolve("train.jsonl"), prompts);
        assertThatThrownBy(run::start)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("train.jsonl:2: image: is missing");
        Files.writeString(folder.resolve("train.jsonl"), prompts.replace("dog\"", "dog\", \"image\": \"two.png\""));
        Training.Result result = run.start();
        assertThat(result.finished()).isTrue();
        Map<String, Double> first = run.rows().get(1L);
        assertThat(first.get("ratio")).as("%s", first).isCloseTo(1, within(1e-6));
        assertThat(first.get("grad_norm")).as("%s", first).isPositive();
        // Of 4 steps 2 are made, and both are trained: 4 samples, 2 branches of guidance, twice.
        assertThat(first.get("denoiser_evaluations")).as("%s", first).isEqualTo(4 * 2 * 2 * 2);
    }
}
