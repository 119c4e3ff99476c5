package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.TestImages;
import org.imagerl.training.run.Checkpoints;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that train on images on disk: three pairs, two of them an epoch, so that passes end in the middle of epochs. */
class StoredImagesRunTest {
    private static final String[] SETTINGS = {
        "prompts=null",
        "data={type: pairs, file: ../pairs.csv}",
        "epochs=3",
        "run={save_every: 3, sample_every: 3, evaluate_every: 3}",
        "algorithm={preset: diffusion-dpo}",
        "tuning.init=gaussian",
        "rollout.dynamics={type: ddim}",
        "optimiser.ema_decay=0.0",
        "optimiser.micro_batch=2",
        "shards=2",
        "rollout.batch_size=2",
        "evaluation.samples_per_prompt=1",
        "samples={prompts: 1, seeds: [0]}"
    };

    @TempDir
    Path scratch;

    @BeforeEach
    void writePairs() throws IOException {
        for (int i = 0; i < 4; i++) {
            PngWriter.write(scratch.resolve(i + ".png"), TestImages.noise(16, 16, i), Map.of());
        }
        Files.writeString(
                scratch.resolve("pairs.csv"),
                "prompt,chosen,rejected\nthe cat,0.png,1.png\nthe photo,2.png,3.png\nthe cat,1.png,3.png\n");
    }

    private TinyRun run(String name, String... more) {
        return new TinyRun(
                scratch.resolve(name),
                Stream.concat(Stream.of(SETTINGS), Stream.of(more)).toArray(String[]::new));
    }

    /** Three epochs of two pairs are two passes over three; the second epoch has the end of one and the beginning of the next. */
    @Test
    void stoppedInTheMiddleOfAPassAndResumedEndsAsUninterruptedToTheBit() {
        TinyRun whole = run("whole");
        TinyRun parts = run("parts", "workers=2");
        assertThat(whole.start().finished()).isTrue();
        assertThat(parts.start(TinyRun.stopAfter(1)).finished()).isFalse();
        assertThat(parts.resume(TinyRun.stopAfter(9)).finished()).isTrue();
        assertThat(parts.rows()).isEqualTo(whole.rows());
        parts.requireSameFile(whole, "pytorch_lora_weights.safetensors");
        assertThat(whole.rows().get(3L))
                .containsEntry("data_passes", 2.0)
                .containsEntry("samples_trained", 4.0)
                .containsKeys("preference_margin", "evaluation_reward_mean")
                .doesNotContainKey("reward_mean");
        assertThat(whole.notices).anyMatch(line -> line.startsWith("warning: 1 of 2 held-out prompts are trained on"));
    }

    /** Held-out pairs are looked at with the weights before training, where no policy prefers anything, and after it; they train nothing. */
    @Test
    void whatTheObjectiveSaysOfHeldOutPairsIsLogged() throws IOException {
        String head = "prompt,chosen,rejected\nthe photo,0.png,1.png\nthe photo,1.png,3.png\n";
        Files.writeString(scratch.resolve("pairs.csv"), head + "the cat,2.png,3.png\n");
        TinyRun held = run(
                "held",
                "data.held_out=0.5", // the hash of the cat is below
                "run={save_every: 1, sample_every: 3, evaluate_every: 1, keep_last: 1}",
                "run.best_by={metric: held_out_preference_loss, lowest: true}");
        assertThat(held.start().finished()).isTrue();
        double[] losses = LongStream.rangeClosed(1, 3)
                .mapToDouble(epoch -> held.rows().get(epoch).get("held_out_preference_loss"))
                .toArray();
        int lowest = losses[0] <= losses[1] ? 0 : 1;
        lowest = losses[lowest] <= losses[2] ? lowest : 2;
        assertThat(held.path().resolve("best")).hasContent(Checkpoints.name(lowest + 1) + " " + -losses[lowest]);
        Files.writeString(scratch.resolve("pairs.csv"), head);
        TinyRun without = run("without");
        assertThat(without.start().finished()).isTrue();
        held.requireSameFile(without, "pytorch_lora_weights.safetensors");
        assertThat(held.rows().get(0L))
                .containsEntry("held_out_preference_margin", 0.0)
                .containsEntry("held_out_preference_accuracy", 0.0);
        assertThat(held.rows().get(0L).get("held_out_preference_loss")).isCloseTo(Math.log(2), within(1e-6));
        assertThat(held.rows().get(3L).get("held_out_preference_margin")).isNotZero();
        assertThat(without.rows().get(3L)).doesNotContainKey("held_out_preference_loss");
    }

    /** Plain fine-tuning, some of it without the prompt, and the same when it was stopped. */
    @Test
    void demonstrationsAreLearnedWithoutRewards() throws IOException {
        Files.writeString(
                scratch.resolve("shown.csv"), "prompt,image\nthe cat,0.png\nthe photo,2.png\nthe cat,1.png\n");
        String[] settings = {
            "data={type: demonstrations, file: "
                    + scratch.resolve("shown.csv").toString().replace('\\', '/') + "}",
            "algorithm={preset: sft, objective: {caption_dropout: 0.5}}",
            "epochs=2",
            "optimiser.micro_batch=1"
        };
        TinyRun whole = run("whole", settings);
        TinyRun parts = run("parts", settings);
        assertThat(whole.start().finished()).isTrue();
        assertThat(parts.start(TinyRun.stopAfter(1)).finished()).isFalse();
        assertThat(parts.resume(TinyRun.stopAfter(9)).finished()).isTrue();
        parts.requireSameFile(whole, "pytorch_lora_weights.safetensors");
        assertThat(whole.rows().get(2L).get("matching_error")).isPositive();
        assertThat(whole.rows().get(2L).get("grad_norm")).isPositive();
    }

    /** Images of three shapes go to sizes of their own, an epoch has one of them, and a run that was stopped between two of them goes on to the bit. */
    @Test
    void imagesOfSeveralShapesAreTrainedAtSizesOfTheirOwn() throws IOException {
        int[][] shapes = {{32, 32}, {60, 36}, {24, 48}, {40, 24}, {33, 32}, {20, 41}};
        StringBuilder table = new StringBuilder("prompt,image\n");
        for (int i = 0; i < shapes.length; i++) {
            PngWriter.write(
                    scratch.resolve("shape" + i + ".png"), TestImages.noise(shapes[i][0], shapes[i][1], i), Map.of());
            table.append(i % 2 == 0 ? "the cat" : "the photo")
                    .append(",shape")
                    .append(i)
                    .append(".png\n");
        }
        Files.writeString(scratch.resolve("shapes.csv"), table.toString());
        String[] settings = {
            "data={type: demonstrations, file: "
                    + scratch.resolve("shapes.csv").toString().replace('\\', '/')
                    + ", size: crop, buckets: {step: 4}}",
            "algorithm={preset: sft, objective: {caption_dropout: 0.5}}",
            "epochs=3",
            "optimiser.micro_batch=1"
        };
        TinyRun whole = run("whole", settings);
        TinyRun parts = run("parts", settings);
        assertThat(whole.start().finished()).isTrue();
        assertThat(parts.start(TinyRun.stopAfter(1)).finished()).isFalse();
        assertThat(parts.resume(TinyRun.stopAfter(9)).finished()).isTrue();
        parts.requireSameFile(whole, "pytorch_lora_weights.safetensors");
        assertThat(whole.rows().get(3L).get("grad_norm")).isPositive();
        assertThat(whole.notices).anyMatch(line -> line.startsWith("images on disk are trained at 3 sizes: "));
        settings[0] = settings[0].replace("step: 4", "step: 3");
        assertThatThrownBy(() -> run("step", settings).start())
                .hasMessageContaining("data.buckets: width and height must be multiples of");
    }

    @Test
    void whatDoesNotGoWithImagesOnDiskIsRefused() {
        assertThatThrownBy(() -> run("prompts", "prompts=train.txt").start())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("prompts: does not go with data");
        assertThatThrownBy(
                        () -> run("best", "run.best_by=evaluation_reward_meen").start())
                .hasMessageContaining("run.best_by: the run will not have this metric; did you mean evaluation_reward");
        assertThatThrownBy(() -> run("few", "rollout.prompts_per_epoch=4").start())
                .hasMessageContaining(
                        "rollout.prompts_per_epoch: is more than the examples that there are to train on, 3");
        assertThatThrownBy(() -> run("ddpo", "algorithm={preset: ddpo}").start())
                .hasMessageContaining("data: are images alone, and the algorithm asks how the steps of a rollout went");
        assertThatThrownBy(() -> run("neither", "data=null").start()).hasMessageContaining("prompts: is missing");
    }
}
